import { lstatSync } from "node:fs";
import { join, resolve } from "node:path";
import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import type { Worktree } from "../git/believe.ts";
import { runGit } from "../git/run-git.ts";
import { readIfExists } from "../platform/files.ts";
import { writeInside } from "../platform/inside.ts";
import HOOK from "./git-hook.sh" with { type: "text" };

/** By which a hook is known as one of these, in whatever version. */
const MARK = "Written by: skerry worktree init --git-hook";

/**
 * @returns the hook's path, and whether it had to be written
 * @throws SKE-ENV-EXISTS when another hook is there, SKE-WORKTREE-UNUSABLE when the repository's hooks are kept outside of it
 */
export async function installGitHook(
  { root, gitDir, commonDir }: Pick<Worktree, "root" | "gitDir" | "commonDir">,
  env: Readonly<NodeJS.ProcessEnv>,
  op: Operation,
): Promise<{ readonly path: string; readonly changed: boolean }> {
  // Of the repository's settings, this one is asked for; that runs nothing.
  const own = { GIT_DIR: gitDir, GIT_WORK_TREE: root };
  const told = await runGit(["rev-parse", "--git-path", "hooks"], { cwd: root, env, own }, op);
  const folder = resolve(root, told.replace(/\n$/, ""));
  const path = join(folder, "post-checkout");
  if (!`${folder}/`.startsWith(`${commonDir}/`)) {
    const why = `Could not write a hook: core.hooksPath leads to ${folder}, which isn't this repository's own git folder`;
    const hint =
      "add to the post-checkout there, for a first argument that is all zeros: skerry --quiet worktree init --known";
    throw new SkerryError("SKE-WORKTREE-UNUSABLE", why, { hint });
  }
  const before = readIfExists(path);
  if (before === HOOK) return { path, changed: false };
  if (!before?.includes(MARK) && lstatSync(path, { throwIfNoEntry: false })) {
    throw new SkerryError("SKE-ENV-EXISTS", `Could not write ${path}: the repository has such a hook already`, {
      hint: "add to it: skerry --quiet worktree init --known, for a first argument that is all zeros",
    });
  }
  writeInside(commonDir, path, HOOK, { mode: 0o755 });
  return { path, changed: true };
}
