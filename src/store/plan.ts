import { readIfExists } from "../platform/files.ts";
import type { InstalledDistribution } from "../python/dist-info.ts";
import { isOwnPath, pathInPrefix } from "../python/own-paths.ts";
import { parseRecord } from "../python/record.ts";
import { Claims } from "./claims.ts";
import type { LinkItem } from "./link-files.ts";
import type { FileRow, Tree } from "./shapes.ts";
import { readFileRows } from "./tree.ts";

/** What leads from one set of trees to another. */
export interface ChangePlan {
  readonly from: Claims;
  readonly to: Claims;
  readonly items: readonly LinkItem[];
  /** The tree of each item. */
  readonly trees: readonly Tree[];
  /** Number of files to link, roughly. */
  readonly count: number;
  /** Files that are to go. */
  readonly remove: readonly FileRow[];
  /** Normalised names of the distributions that change. */
  readonly names: ReadonlySet<string>;
}

/** Plans a change. Only the trees that differ are looked at, and those that share a folder in site-packages with them. */
export function planChange(fromTrees: readonly Tree[], toTrees: readonly Tree[]): ChangePlan {
  const from = new Claims(fromTrees);
  const to = new Claims(toTrees);
  const fromKeys = new Set(fromTrees.map(({ key }) => key));
  const toKeys = new Set(toTrees.map(({ key }) => key));
  const only = new Map<Tree, Set<string>>();
  const items: LinkItem[] = [];
  const trees: Tree[] = [];
  let count = 0;
  for (const tree of to.trees) {
    if (fromKeys.has(tree.key)) continue;
    const rows = to.isAlone(tree) ? [] : readFileRows(tree);
    const skip = rows.map((row) => row[0]).filter((path) => to.winner(path) !== tree);
    items.push({ ...place(tree), ...(skip.length > 0 ? { skip } : {}) });
    trees.push(tree);
    count += tree.count;
  }
  const remove: FileRow[] = [];
  for (const tree of from.trees) {
    if (toKeys.has(tree.key)) continue;
    for (const row of readFileRows(tree)) {
      const winner = to.winner(row[0]);
      if (winner === undefined) remove.push(row);
      // It lay below this tree's file, and stays.
      else if (fromKeys.has(winner.key)) only.set(winner, (only.get(winner) ?? new Set()).add(row[0]));
    }
  }
  for (const [tree, paths] of only) {
    items.push({ ...place(tree), only: [...paths] });
    trees.push(tree);
    count += paths.size;
  }
  const changed = [...from.trees.filter(({ key }) => !toKeys.has(key)), ...trees];
  return { from, to, items, trees, count, remove, names: new Set(changed.map(({ name }) => name)) };
}

function place(tree: Tree): LinkItem {
  return { root: tree.root, manifest: tree.manifest, copy: tree.private };
}

/** Paths in the prefix that the RECORD of an installed distribution names: none outside of it, nor the environment's own. */
export function recordedPaths(prefix: string, sitePackages: string, distribution: InstalledDistribution): string[] {
  const text = readIfExists(`${prefix}/${sitePackages}/${distribution.folder}/RECORD`) ?? "";
  return parseRecord(text)
    .map(({ path }) => pathInPrefix(path, prefix, sitePackages))
    .filter((path) => path !== undefined)
    .filter((path) => !isOwnPath(path, sitePackages));
}
