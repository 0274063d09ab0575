import { lstatSync, mkdirSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import type { LinkMode } from "../core/spec.ts";
import { ioError } from "../platform/files.ts";
import { makeWay } from "../platform/put.ts";
import { removeTree } from "../platform/remove.ts";
import { STAGE } from "../python/own-paths.ts";
import { chooseMethod } from "./apply-full.ts";
import { pointToLayer } from "./apply-thin.ts";
import { Claims } from "./claims.ts";
import { compareFile, damageIn, statOf } from "./damage.ts";
import { damageError } from "./damage-error.ts";
import type { Layer } from "./layer.ts";
import { Linker } from "./link-files.ts";
import { removeFiles } from "./remove-files.ts";
import type { FileRow, Tree } from "./shapes.ts";
import { readFileRows } from "./tree.ts";

/** Files of a prefix to put back as its trees say. */
export interface Mending {
  readonly prefix: string;
  readonly sitePackages: string;
  readonly link: LinkMode;
  /** All trees that stand in the prefix. */
  readonly trees: readonly Tree[];
  /** Thin only: where the shared trees are read from. */
  readonly layer?: Layer;
  /** Names of the packages whose files are looked at. */
  readonly names: ReadonlySet<string>;
  /** Paths that are replaced whatever their size and time say, and paths that aren't touched. */
  readonly wrong: ReadonlySet<string>;
  readonly keep: ReadonlySet<string>;
  /** Paths that another installer put there and that are to go. */
  readonly remove: readonly string[];
}

/**
 * Puts files of packages back, each in one step. Bytecode goes with its source. It can be run again after it was stopped
 * at any moment. A folder that stands at a file's place may be missed, and is kept beside it.
 * @throws SKE-STORE-DAMAGED (see damageOf) before anything is touched, when a tree's own files differ from its manifest
 */
export async function mendFiles(mending: Mending): Promise<void> {
  const { prefix, sitePackages, trees, layer, names } = mending;
  const stage = `${prefix}/${STAGE}`;
  const claims = new Claims(trees);
  const work = claims.trees
    .filter(({ name }) => names.has(name))
    .map((tree) => ({ tree, rows: rowsOf(tree, claims, layer, sitePackages) }));
  const damage = work.flatMap(({ tree, rows }) => damageIn(tree, rows));
  if (damage.length > 0) throw damageError(damage);
  try {
    await removeTree(stage);
    mkdirSync(prefix, { recursive: true });
    makeFolder(prefix, sitePackages);
    mkdirSync(stage, { recursive: true });
    removeFiles(
      prefix,
      mending.remove.filter((path) => claims.winner(path) === undefined || layer !== undefined),
      [sitePackages, "bin"],
    );
    const method = chooseMethod(mending.link, trees[0]?.manifest, stage);
    const linker = new Linker({ prefix, stage, method, sealed: false }, 0);
    for (const { tree, rows } of work) for (const row of rows) mendFile(linker, mending, tree, row);
    if (layer) pointToLayer(prefix, layer, stage);
  } catch (error) {
    throw ioError("put files back in", prefix, error);
  } finally {
    await removeTree(stage);
  }
}

/** The files that the environment itself has of a tree. */
function rowsOf(tree: Tree, claims: Claims, layer: Layer | undefined, sitePackages: string): FileRow[] {
  const rows = readFileRows(tree).filter(
    ([path]) => layer === undefined || tree.private || !path.startsWith(`${sitePackages}/`),
  );
  return claims.isAlone(tree) ? rows : rows.filter(([path]) => claims.winner(path) === tree);
}

function mendFile(linker: Linker, { prefix, wrong, keep }: Mending, tree: Tree, row: FileRow): void {
  const target = `${prefix}/${row[0]}`;
  const there = statOf(target);
  if (keep.has(row[0])) return;
  makeWay(target);
  const source = lstatSync(`${tree.root}/${row[0]}`);
  const isLinked = there?.ino === source.ino && there.dev === source.dev;
  const differs = isLinked ? undefined : compareFile(there, row);
  if ((differs === undefined || differs === "mode") && !wrong.has(row[0])) return;
  makeFolder(prefix, dirname(row[0]));
  linker.replace(`${tree.root}/${row[0]}`, row, tree.private);
}

/** Makes a folder; a file that stands where one of its parents should be goes. */
function makeFolder(prefix: string, folder: string): void {
  if (folder === "." || lstatSync(`${prefix}/${folder}`, { throwIfNoEntry: false })?.isDirectory()) return;
  makeFolder(prefix, dirname(folder));
  if (lstatSync(`${prefix}/${folder}`, { throwIfNoEntry: false })) unlinkSync(`${prefix}/${folder}`);
  mkdirSync(`${prefix}/${folder}`);
}
