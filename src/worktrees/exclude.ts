import { join } from "node:path";
import { writeBlock } from "./marked-block.ts";

/**
 * Tells git to pass over files that Skerry puts into the worktrees of a repository. As new files they would show in its
 * status, keep it from removing a worktree, and make a branch another one than was installed before.
 * @param paths relative to the root of each worktree @throws SKE-IO, SKE-CONFIG
 */
export function excludeFromGit(commonDir: string, paths: readonly string[]): void {
  if (paths.length === 0) return;
  const patterns = paths.map((path) => join("/", path).replace(/[\\*?[\]]/g, "\\$&"));
  writeBlock(commonDir, join(commonDir, "info/exclude"), patterns, { merge: true });
}
