import type { Labels } from "../core/environment.ts";

/** The labels by which an environment is that of a worktree. */
export const LABEL = {
  /** The worktree's own git folder: it stays the same when the worktree is moved. */
  gitDir: "worktree.git-dir",
  commonDir: "worktree.common-dir",
  /** {@link ProjectSources.digest} of when its packages were installed last. */
  sources: "worktree.sources",
  /** Groups and extras that were asked for, as JSON. */
  choice: "worktree.choice",
} as const;

/** The label's value. */
export function labelOf(record: { readonly labels: Labels }, name: keyof typeof LABEL): string | undefined {
  return record.labels[LABEL[name]];
}
