import { gt } from "@renovatebot/pep440";
import type { Lock } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import type { PackageHome } from "../../core/package-home.ts";
import { EMPTY_REQUIREMENTS } from "../../core/spec.ts";
import type { Target } from "../../core/target.ts";
import { type Graph, requirementGraph } from "../../packages/graph.ts";
import { lockText } from "../../packages/lock-text.ts";
import type { Context } from "../context.ts";
import type { Locked } from "./install.ts";
import { resolvePackages } from "./resolve.ts";
import { namedRoots, rootsOf } from "./roots.ts";

/** A package that could be newer. */
export interface OutdatedPackage {
  readonly name: string;
  readonly version: string;
  /** The newest version that what was asked for allows; that of now when it is. */
  readonly allowed: string;
  /** The newest version that the index has for the interpreter, whatever was asked for. */
  readonly newest: string;
}

/** Which installed package requires which, with the extras that were asked for. */
export async function graphOf(lock: Lock, home: PackageHome): Promise<Graph> {
  const roots = namedRoots(lock).flatMap(({ requirement, name }) =>
    requirement && name !== undefined && !requirement.editable ? { ...requirement, name } : [],
  );
  return requirementGraph(await home.installed(), home.target.markers, roots);
}

/** The lock of an environment as the text of a `pylock.toml`, for a file in `folder`. */
export function pylockOf(lock: Lock, graph: Graph, { markers }: Target, folder: string): string {
  const direct = new Set(lock.packages.filter(({ wheels, sdist }) => !wheels && !sdist).map(({ name }) => name));
  // What isn't from an index is told by its own entry, relative to the file.
  const asked = namedRoots(lock).flatMap(({ line, name }) =>
    name !== undefined && direct.has(name) ? [name] : line.startsWith("-") ? [] : [line],
  );
  return lockText({ lock, markers, graph, asked, folder });
}

/** Asks the index for newer versions of what came from it. By name. */
export async function outdatedPackages(
  context: Context,
  { record, lock }: Locked,
  target: Target,
  op: Operation,
): Promise<OutdatedPackage[]> {
  const indexed = lock.packages.filter(({ wheels, sdist }) => wheels ?? sdist);
  if (indexed.length === 0) return [];
  const { constraints } = record.spec.packages;
  const roots = { ...rootsOf(lock), constraints };
  const allowed = await versions(roots, { preferences: lock });
  const newest = await versions(
    { ...EMPTY_REQUIREMENTS, requirements: indexed.map(({ name }) => name) },
    { dependencies: false },
  );
  return indexed.flatMap(({ name, version: installed }) => {
    const version = installed ?? "";
    const found = {
      name,
      version,
      allowed: allowed.get(name) ?? version,
      newest: newest.get(name) ?? version,
    };
    return gt(found.newest, version) || gt(found.allowed, version) ? [found] : [];
  });

  async function versions(packages: typeof roots, how: { readonly preferences?: Lock; readonly dependencies?: false }) {
    const spec = { ...record.spec, packages };
    const { lock: found } = await resolvePackages(context, { target, spec }, { ...how, upgrade: "all" }, op);
    return new Map(found.packages.map((one) => [one.name, one.version ?? ""]));
  }
}
