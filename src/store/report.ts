import { damageTo, type TreeDamage } from "./damage-error.ts";
import type { LinkMethod, LinkOutcome } from "./link-files.ts";
import type { Tree } from "./shapes.ts";

/** Something in a prefix that isn't Skerry's and was left as it is. */
export interface Drift {
  /** In the prefix. */
  readonly path: string;
  readonly reason: string;
}

/** What changing a prefix came to. */
export interface ChangeReport {
  /** How files were to be taken from the store; where it didn't work for one, that one was copied. */
  readonly method: LinkMethod;
  /** New files by the method that made them, and files removed. */
  readonly reflinked: number;
  readonly hardlinked: number;
  readonly copied: number;
  readonly removed: number;
  readonly drift: readonly Drift[];
}

/** The damaged trees of an outcome whose items stand for these trees. */
export function damagedTrees(outcome: LinkOutcome, trees: readonly Tree[]): TreeDamage[] {
  const paths = new Map<Tree, string[]>();
  for (const [item, path] of outcome.damaged) {
    const tree = trees[item]!;
    paths.set(tree, [...(paths.get(tree) ?? []), path]);
  }
  return [...paths].map(([tree, damaged]) => damageTo(tree, damaged.sort()));
}
