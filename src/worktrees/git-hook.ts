import { lstatSync } from "node:fs";
import { join, resolve } from "node:path";
import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import type { Worktree } from "../git/believe.ts";
import { readGitConfig } from "../git/git-config.ts";
import { runGit } from "../git/run-git.ts";
import { readIfExists } from "../platform/files.ts";
import { writeInside } from "../platform/inside.ts";
import { userHomeFolder } from "../platform/paths.ts";
import HOOK from "./git-hook.sh" with { type: "text" };

/** By which a hook is known as one of these, in whatever version. */
const MARK = "Written by: skerry worktree init --git-hook";

/**
 * @returns the hook's path, and whether it had to be written
 * @throws SKE-ENV-EXISTS when another hook is there, SKE-WORKTREE-UNUSABLE when the repository's hooks are kept outside of it
 */
export async function installGitHook(
  { root, commonDir }: Pick<Worktree, "root" | "commonDir">,
  env: Readonly<NodeJS.ProcessEnv>,
  op: Operation,
): Promise<{ readonly path: string; readonly changed: boolean }> {
  const folder = await hooksFolder(root, commonDir, env, op);
  const path = join(folder, "post-checkout");
  if (!`${folder}/`.startsWith(`${commonDir}/`) || GITS_OWN.test(folder.slice(commonDir.length))) {
    const why = `Could not write a hook: core.hooksPath leads to ${folder}, which is no place for hooks in this repository's own git folder`;
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

/** Folders of a git folder in which git takes each file for something of its own. */
const GITS_OWN = /^\/(refs|objects|logs|info|worktrees|modules|reftable)(\/|$)/i;

/** Where git looks for the hooks of a repository: as that says in the file that Skerry reads itself, else as the user says for all. */
async function hooksFolder(
  root: string,
  commonDir: string,
  env: Readonly<NodeJS.ProcessEnv>,
  op: Operation,
): Promise<string> {
  const named = readGitConfig(commonDir).hooksPath?.replace(/^~(?=\/)/, userHomeFolder(env));
  if (named !== undefined) return resolve(root, named);
  // Of no repository: one that is asked itself may include files that are waited for.
  const call = { cwd: "/", env, own: { GIT_DIR: "/dev/null" } };
  const shared = await runGit(["config", "--type=path", "--default", "", "--get", "core.hooksPath"], call, op);
  return shared.trim() === "" ? join(commonDir, "hooks") : resolve(root, shared.replace(/\n$/, ""));
}
