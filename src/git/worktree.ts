// What git's own files say of a folder, read without starting git.
import { realpathSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { believe, checkoutAt, claimedCheckout, type NoWorktree, type Worktree } from "./believe.ts";

/**
 * Finds the checkout that a folder is in, as git does: upwards until a `.git` entry counts, and not past the border of
 * a file system. The variables of git (`GIT_DIR` and such, which hooks have set) don't count, but for
 * `GIT_CEILING_DIRECTORIES`. What that entry says is believed as {@link believe} does.
 * @returns undefined outside of git
 */
export function detectWorktree(
  from: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Worktree | NoWorktree | undefined {
  const start = realpathSync(from);
  const device = statSync(start).dev;
  const ceilings = (env.GIT_CEILING_DIRECTORIES ?? "").split(":");
  for (let root = start; ; root = dirname(root)) {
    const found = believe(root);
    if (found) return found;
    const parent = dirname(root);
    if (parent === root || ceilings.includes(parent) || statSync(parent).dev !== device) return undefined;
  }
}

/** The checkout that a folder is in; undefined where there is none to work in. See {@link detectWorktree}. */
export function worktreeAt(...at: Parameters<typeof detectWorktree>): Worktree | undefined {
  const found = detectWorktree(...at);
  return found && "commonDir" in found ? found : undefined;
}

/**
 * The main checkout of a repository, links resolved; undefined where it has none: a bare one, a git folder that lies
 * elsewhere, and one whose `core.worktree` names a folder that isn't this repository's.
 */
export function mainCheckout(commonDir: string): string | undefined {
  const claimed = claimedCheckout(commonDir);
  const found = claimed === undefined ? undefined : checkoutAt(claimed);
  return found?.gitDir === commonDir ? found.root : undefined;
}

/** What people call a repository: the folder of its main checkout, or of the bare repository, without `.git`. */
export function repositoryName(commonDir: string): string {
  const main = mainCheckout(commonDir);
  if (main !== undefined) return basename(main);
  const name = basename(commonDir);
  return name.startsWith(".") ? basename(dirname(commonDir)) : name.replace(/\.git$/, "");
}
