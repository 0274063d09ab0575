// The one place that decides what a `.git` entry stands for. Whoever packs an archive can write into it whatever git
// would follow: each claim counts only when the other side makes it too. Formats: gitrepository-layout(5), git-worktree(1).

import { existsSync, lstatSync, realpathSync, type Stats } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { shellWord } from "../core/quote.ts";
import { readGitConfig } from "./git-config.ts";
import { lineOf, statOf } from "./git-files.ts";
import { isOurs } from "./ownership.ts";

/** `separate` is a checkout whose git folder lies elsewhere (`git init --separate-git-dir`). */
export type WorktreeKind = "main" | "linked" | "submodule" | "separate";

/** A checkout of a git repository. Paths are absolute, symbolic links in them resolved. */
export interface Worktree {
  readonly kind: WorktreeKind;
  /** The folder with the `.git` entry. */
  readonly root: string;
  /** Its own git folder: of a linked worktree, one below `worktrees` of the common one. It survives moves. */
  readonly gitDir: string;
  /** The git folder of the whole repository. */
  readonly commonDir: string;
  /** Undefined while HEAD is detached, and where only git can tell it (reftable). */
  readonly branch: string | undefined;
  /**
   * The git folder believes the worktree elsewhere: `moved` without git's knowledge, or a `copy` of one that is there
   * still, with which it would share index and HEAD. Which of the two it is, or whether somebody only says so, can't be
   * told: what is done without the user asking for it, or to others of the repository, isn't done for one of these.
   */
  readonly displaced: "moved" | "copy" | undefined;
}

/** A folder that belongs to git, but is no checkout that can be worked in. */
export interface NoWorktree {
  /**
   * `git-folder`: a bare repository or inside of a `.git`; `broken`: a `.git` file that leads nowhere; `foreign`: another
   * user's; `one-sided`: it names a git folder that doesn't know of it.
   */
  readonly kind: "git-folder" | "broken" | "foreign" | "one-sided";
  readonly root: string;
  /** The git folder that git would use, whoever made it say so. */
  readonly gitDir?: string | undefined;
  /** One clause for people. */
  readonly reason: string;
  /** What to type, where that depends on more than the kind. */
  readonly hint?: string | undefined;
}

/**
 * Says what the `.git` entry of a folder stands for. A checkout is one only when all that makes it one belongs to the user
 * and its git folder lies in it or knows of it: by `gitdir` of a linked worktree, by `core.worktree` of a submodule or of
 * one that lies elsewhere.
 * @param root symbolic links in it resolved
 * @returns undefined for a folder that git passes over
 */
export function believe(root: string): Worktree | NoWorktree | undefined {
  const dotGit = join(root, ".git");
  const entry = statOf(dotGit);
  if (entry?.isFile()) {
    const target = namedBy(dotGit);
    // Git stops here too: what lies above is another repository.
    if (target === undefined || !isGitFolder(target)) {
      const reason =
        target === undefined ? "its .git file names no folder" : `its .git file names ${target}, which is gone`;
      return { kind: "broken", root, reason };
    }
    return describe(root, target, entry);
  }
  if (entry?.isDirectory() && isGitFolder(dotGit)) return describe(root, dotGit, entry);
  return isGitFolder(root)
    ? { kind: "git-folder", root, gitDir: root, reason: "it is a git folder, without files of its own" }
    : undefined;
}

/** The checkout that a folder is the root of; undefined where it is none to work in. See {@link believe}. */
export function checkoutAt(root: string): Worktree | undefined {
  const found = statOf(root)?.isDirectory() ? believe(realpathSync(root)) : undefined;
  return found && "commonDir" in found ? found : undefined;
}

/** Where git takes the files of a repository's main checkout from, whether these know of it or not. */
export function claimedCheckout(commonDir: string): string | undefined {
  const { worktree, bare } = readGitConfig(commonDir);
  if (worktree !== undefined) return resolve(commonDir, worktree);
  return basename(commonDir) === ".git" && !bare ? dirname(commonDir) : undefined;
}

/** The branch whose commits HEAD takes, also while it is being rebased. */
export function branchOf(gitDir: string): string | undefined {
  for (const file of ["HEAD", "rebase-merge/head-name", "rebase-apply/head-name"]) {
    const branch = /^(?:ref: )?refs\/heads\/(.+)$/s.exec(lineOf(join(gitDir, file)) ?? "")?.[1];
    // Where refs are kept in a reftable, HEAD is a stub of this name.
    if (branch !== undefined && branch !== ".invalid") return branch;
  }
  return undefined;
}

function describe(root: string, target: string, entry: Stats): Worktree | NoWorktree {
  const gitDir = realpathSync(target);
  const commonDir = realpathSync(commonOf(gitDir));
  const isLinked = commonDir !== gitDir;
  const owned = [root, join(root, ".git"), ...(isLinked ? [dirname(gitDir)] : []), gitDir, commonDir];
  const strange = owned.find((path) => !isOurs(lstatSync(path)));
  if (strange !== undefined || !isOurs(entry)) {
    return { kind: "foreign", root, gitDir, reason: `${strange ?? join(root, ".git")} belongs to another user` };
  }
  const rest = { root, gitDir, commonDir, branch: branchOf(gitDir) };
  if (isLinked) {
    if (dirname(gitDir) === join(commonDir, "worktrees")) {
      return { kind: "linked", ...rest, displaced: displacedFrom(root, gitDir) };
    }
    const reason = `its git folder says that it is part of ${commonDir}, which has no such worktree`;
    return { kind: "one-sided", root, gitDir, reason };
  }
  const { bare, worktree } = readGitConfig(gitDir);
  if (bare) return { kind: "git-folder", root, gitDir, reason: "its repository is bare" };
  if (!isOf(root, gitDir, worktree)) return notOf(root, gitDir);
  const kind = entry.isDirectory() ? "main" : /\/modules\//.test(gitDir) ? "submodule" : "separate";
  return { kind, ...rest, displaced: undefined };
}

/** Whether a git folder without `commondir` is that of this checkout. @param worktree `core.worktree` */
function isOf(root: string, gitDir: string, worktree: string | undefined): boolean {
  // Whoever made the one made the other.
  if (gitDir === join(root, ".git")) return true;
  if (worktree !== undefined) return isSame(resolve(gitDir, worktree), root);
  return basename(gitDir) !== ".git" && gitDir.startsWith(join(root, "/"));
}

function notOf(root: string, gitDir: string): NoWorktree {
  const claimed = claimedCheckout(gitDir);
  // One step only: claims may go round in circles.
  if (claimed !== undefined && leadsTo(join(claimed, ".git"), gitDir)) {
    return { kind: "one-sided", root, gitDir, reason: `its git folder ${gitDir} is that of ${claimed}` };
  }
  const told = [join(gitDir, "config"), root].map(shellWord);
  return {
    kind: "one-sided",
    root,
    gitDir,
    reason: `its git folder ${gitDir} doesn't know of it`,
    hint: `if it is meant so, let it know: git config --file ${told[0]} core.worktree ${told[1]}`,
  };
}

function displacedFrom(root: string, gitDir: string): Worktree["displaced"] {
  const back = lineOf(join(gitDir, "gitdir"));
  if (back === undefined) return "moved";
  const dotGit = resolve(gitDir, back);
  if (basename(dotGit) === ".git" && isSame(dirname(dotGit), root)) return undefined;
  return leadsTo(dotGit, gitDir) ? "copy" : "moved";
}

/** Whether a `.git` entry is, or names, a git folder. */
function leadsTo(dotGit: string, gitDir: string): boolean {
  const target = statOf(dotGit)?.isDirectory() ? dotGit : namedBy(dotGit);
  return target !== undefined && isSame(target, gitDir);
}

/** The folder that a `.git` file names. */
function namedBy(dotGit: string): string | undefined {
  const line = lineOf(dotGit);
  const path = line?.startsWith("gitdir: ") && !line.includes("\0") ? line.slice("gitdir: ".length) : "";
  return path === "" ? undefined : resolve(dirname(dotGit), path);
}

function isGitFolder(path: string): boolean {
  const common = commonOf(path);
  return existsSync(join(path, "HEAD")) && existsSync(join(common, "objects")) && existsSync(join(common, "refs"));
}

function commonOf(gitDir: string): string {
  const named = lineOf(join(gitDir, "commondir"));
  if (named === undefined || named.includes("\0")) return gitDir;
  // From where a link named `.git` leads to.
  return resolve(realpathSync(gitDir), named);
}

/** @param real symbolic links in it resolved */
function isSame(path: string, real: string): boolean {
  return statOf(path) !== undefined && realpathSync(path) === real;
}
