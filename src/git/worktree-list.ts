import { readdirSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isErrno } from "../core/error.ts";
import { branchOf, checkoutAt } from "./believe.ts";
import { isGone, lineOf, statOf } from "./git-files.ts";
import { mainCheckout } from "./worktree.ts";

/** A worktree that a repository knows of. */
export interface ListedWorktree {
  /** Its own git folder. */
  readonly gitDir: string;
  /** Where the repository believes it. */
  readonly root: string;
  readonly isMain: boolean;
  readonly branch: string | undefined;
  /** Why it is locked (`git worktree lock`), empty where nobody said; undefined when it isn't. */
  readonly locked: string | undefined;
  /** Nothing is there any more: git will forget it. One that is locked may be on a disk that isn't attached. */
  readonly isGone: boolean;
  /** What is there isn't this worktree: it doesn't lead back to the repository, or is another user's. Nothing may be written there. */
  readonly isTaken: boolean;
}

/** The worktrees of a repository, the main checkout first, without starting git. */
export function listWorktrees(commonDir: string): ListedWorktree[] {
  const main = mainCheckout(commonDir);
  const first: ListedWorktree[] =
    main === undefined ? [] : [{ ...entryOf(commonDir, main), isMain: true, locked: undefined }];
  const linked = foldersIn(join(commonDir, "worktrees")).flatMap((gitDir): ListedWorktree[] => {
    const back = lineOf(join(gitDir, "gitdir"));
    if (back === undefined) return [];
    const reason = lineOf(join(gitDir, "locked"));
    return [{ ...entryOf(gitDir, dirname(resolve(gitDir, back))), isMain: false, locked: reason }];
  });
  return [...first, ...linked];
}

type Entry = Pick<ListedWorktree, "gitDir" | "root" | "branch" | "isGone" | "isTaken">;

function entryOf(gitDir: string, root: string): Entry {
  const real = statOf(root) ? realpathSync(root) : root;
  const gone = isGone(join(root, ".git"));
  const isTaken = !gone && checkoutAt(real)?.gitDir !== gitDir;
  return { gitDir, root: real, branch: branchOf(gitDir), isGone: gone, isTaken };
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name))
      .sort();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}
