import { cpSync } from "node:fs";
import { basename, join } from "node:path";
import type { Lock } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import type { PackageHost } from "../../core/package-home.ts";
import { ioError } from "../../platform/files.ts";
import { buildPrivateTrees } from "../../store/build.ts";
import { verifyTree } from "../../store/damage.ts";
import type { Tree } from "../../store/shapes.ts";
import { openTree } from "../../store/tree.ts";
import type { LinkedPlace } from "./linked-place.ts";

/** Trees of an environment's own, by name; those that are gone are left out. */
export function openPrivate({ trees }: LinkedPlace, names: readonly string[]): Tree[] {
  return names.map((name) => openTree(trees, name, true)).filter((tree) => tree !== undefined);
}

/** Whether private trees are there as they were sealed. */
export function arePrivateWhole(place: LinkedPlace, names: readonly string[]): boolean {
  const trees = openPrivate(place, names);
  return trees.length === names.length && trees.every((tree) => verifyTree(tree).length === 0);
}

/** Gives an environment copies of another's private trees, under the same names. */
export function copyPrivate(from: LinkedPlace, to: LinkedPlace, names: readonly string[]): void {
  try {
    const trees = openPrivate(from, names);
    for (const name of trees.flatMap(({ root, manifest }) => [basename(root), basename(manifest)])) {
      cpSync(join(from.trees, name), join(to.trees, name), {
        recursive: true,
        preserveTimestamps: true,
        verbatimSymlinks: true,
      });
    }
  } catch (error) {
    throw ioError("copy the project's files of", from.name, error);
  }
}

/** Builds the private trees that a lock names, beside those that are there. */
export async function buildPrivate(
  host: PackageHost,
  { target, trees }: LinkedPlace,
  { installer, packages }: Lock,
  op: Operation,
): Promise<Tree[]> {
  const own = packages.filter((one) => one.directory);
  if (own.length === 0) return [];
  return buildPrivateTrees({
    folder: trees,
    packages: own,
    target: target.identity,
    install: (some, prefix, options) => host.install(some, { installer, target, prefix, ...options }, op),
    op,
  });
}
