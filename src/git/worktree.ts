// What git's own files say of a folder, read without starting git. Formats: gitrepository-layout(5), git-worktree(1).
import { existsSync, lstatSync, readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isErrno } from "../core/error.ts";
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
   * still, with which it would share index and HEAD.
   */
  readonly displaced: "moved" | "copy" | undefined;
}

/** A folder that belongs to git, but is no checkout that can be worked in. */
export interface NoWorktree {
  /** `git-folder`: a bare repository or inside of a `.git`; `broken`: a `.git` file that leads nowhere; `foreign`: another user's. */
  readonly kind: "git-folder" | "broken" | "foreign";
  readonly root: string;
  /** One clause for people. */
  readonly reason: string;
}

/** The most that a file of git's is read, in bytes: those looked at here have one line, the configuration a few. */
const MOST_BYTES = 1024 * 1024;

/**
 * Finds the checkout that a folder is in, as git does: upwards until a `.git` entry counts, and not past the border of
 * a file system. The variables of git (`GIT_DIR` and such, which hooks have set) don't count, but for
 * `GIT_CEILING_DIRECTORIES`.
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
    const found = lookAt(root);
    if (found) return found;
    const parent = dirname(root);
    if (parent === root || ceilings.includes(parent) || statSync(parent).dev !== device) return undefined;
  }
}

/** The checkout that a folder is in; undefined where there is none to work in. See {@link detectWorktree}. */
export function worktreeAt(...at: Parameters<typeof detectWorktree>): Worktree | undefined {
  const found = detectWorktree(...at);
  return found && "gitDir" in found ? found : undefined;
}

function lookAt(root: string): Worktree | NoWorktree | undefined {
  const dotGit = join(root, ".git");
  const entry = statOf(dotGit);
  if (entry?.isFile()) {
    const named = /^gitdir: ([^\0]+)$/.exec(lineOf(dotGit) ?? "")?.[1];
    const target = named === undefined ? undefined : resolve(root, named);
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
    ? { kind: "git-folder", root, reason: "it is a git folder, without files of its own" }
    : undefined;
}

function describe(root: string, target: string, entry: Stats): Worktree | NoWorktree {
  const gitDir = realpathSync(target);
  const commonDir = realpathSync(commonOf(gitDir));
  const strange = [root, join(root, ".git"), gitDir, commonDir].find((path) => !isOurs(lstatSync(path)));
  if (strange !== undefined) return { kind: "foreign", root, reason: `${strange} belongs to another user` };
  const linked = commonDir !== gitDir;
  const config = linked ? "" : configOf(commonDir);
  if (isBare(config)) return { kind: "git-folder", root, reason: "its repository is bare" };
  const rest = { root, gitDir, commonDir, branch: branchOf(gitDir) };
  if (linked) return { kind: "linked", ...rest, displaced: displacedFrom(root, gitDir) };
  const kind = entry.isDirectory() ? "main" : checkoutOf(config) === undefined ? "separate" : "submodule";
  return { kind, ...rest, displaced: undefined };
}

/** The main checkout of a repository; undefined where it has none: a bare one, and a git folder that lies elsewhere. */
export function mainCheckout(commonDir: string): string | undefined {
  const config = configOf(commonDir);
  const checkout = checkoutOf(config);
  if (checkout !== undefined) return resolve(commonDir, checkout);
  return basename(commonDir) === ".git" && !isBare(config) ? dirname(commonDir) : undefined;
}

/** What people call a repository: the folder of its main checkout, or of the bare repository, without `.git`. */
export function repositoryName(commonDir: string): string {
  const main = mainCheckout(commonDir);
  if (main !== undefined) return basename(main);
  const name = basename(commonDir);
  return name.startsWith(".") ? basename(dirname(commonDir)) : name.replace(/\.git$/, "");
}

function isGitFolder(path: string): boolean {
  const common = commonOf(path);
  return existsSync(join(path, "HEAD")) && existsSync(join(common, "objects")) && existsSync(join(common, "refs"));
}

function commonOf(gitDir: string): string {
  const named = lineOf(join(gitDir, "commondir"));
  return named === undefined ? gitDir : resolve(gitDir, named);
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

function displacedFrom(root: string, gitDir: string): Worktree["displaced"] {
  const back = lineOf(join(gitDir, "gitdir"));
  if (back === undefined) return undefined;
  const dotGit = resolve(gitDir, back);
  if (statOf(dirname(dotGit)) && realpathSync(dirname(dotGit)) === root) return undefined;
  const named = /^gitdir: (.+)$/s.exec(lineOf(dotGit) ?? "")?.[1];
  const target = named === undefined ? undefined : resolve(dirname(dotGit), named);
  return target !== undefined && statOf(target) && realpathSync(target) === gitDir ? "copy" : "moved";
}

/** Git moves `core.bare` and `core.worktree` into config.worktree (extensions.worktreeConfig), for sparse checkouts first. */
function configOf(commonDir: string): string {
  const config = textOf(join(commonDir, "config")) ?? "";
  if (!/^\s*worktreeconfig\s*=\s*true\s*$/im.test(config)) return config;
  return `${config}\n${textOf(join(commonDir, "config.worktree")) ?? ""}`;
}

function isBare(config: string): boolean {
  return /^\s*bare\s*=\s*true\s*$/im.test(config);
}

function checkoutOf(config: string): string | undefined {
  return /^\s*worktree\s*=\s*"?(.*?)"?\s*$/im.exec(config)?.[1];
}

/** The text of a file of git's, without the line end; undefined when there is none. */
export function lineOf(path: string): string | undefined {
  return textOf(path)?.replace(/[\r\n]+$/, "");
}

function textOf(path: string): string | undefined {
  const stat = statOf(path);
  return stat?.isFile() && stat.size <= MOST_BYTES ? readFileSync(path, "utf8") : undefined;
}

/** What a path leads to; undefined when nothing is there, or nothing that may be looked at. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isErrno(error, "ENOTDIR", "EACCES", "ELOOP")) return undefined;
    throw error;
  }
}

/** Whether nothing is there; what can't be looked at just now (a server that doesn't answer) isn't gone. */
export function isGone(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    return isErrno(error, "ENOTDIR");
  }
}
