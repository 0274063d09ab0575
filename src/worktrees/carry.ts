import { constants, copyFileSync, existsSync, lstatSync, readlinkSync, renameSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { SkerryError } from "../core/error.ts";
import { newId } from "../core/names.ts";
import type { Operation } from "../core/operation.ts";
import { isReserved } from "../core/reserved.ts";
import type { Variables } from "../core/variables.ts";
import { askCheckout } from "../git/ask-checkout.ts";
import { checkoutAt, type Worktree } from "../git/believe.ts";
import { statOf } from "../git/git-files.ts";
import { mainCheckout } from "../git/worktree.ts";
import { exists, ioError, leadsInto } from "../platform/files.ts";
import { makeFolderInside } from "../platform/inside.ts";
import { excludeFromGit } from "./exclude.ts";

/** Patterns, in the syntax of .gitignore, of files that git doesn't have and every worktree needs: `.env`, certificates … */
export const INCLUDE_FILE = ".worktreeinclude";

/** Nobody means to copy more. */
const MOST_FILES = 10_000;

/** What came from the main checkout, and what didn't, for people. */
export interface Carried {
  /** Relative to the worktree. */
  readonly copied: readonly string[];
  readonly linked: readonly string[];
  readonly notes: readonly string[];
}

/** What {@link carry} takes along. */
export interface CarryOptions {
  /** Folders and files that all worktrees share through a symbolic link, relative to the root. */
  readonly links: readonly string[];
  readonly env: Variables;
}

/**
 * Brings into a worktree what git doesn't: copies of the untracked files that its .worktreeinclude names, and links to
 * what the worktrees of the repository share, where git knows of the worktree. Nothing that is there is replaced, and nothing outside of the two
 * checkouts is read or written, wherever links lead.
 */
export async function carry(worktree: Worktree, options: CarryOptions, op: Operation): Promise<Carried> {
  const { root, commonDir, kind, displaced } = worktree;
  const main = kind === "linked" && !displaced ? mainCheckout(commonDir) : undefined;
  // Git would wait for a pipe.
  const hasPatterns = statOf(join(root, INCLUDE_FILE))?.isFile() === true;
  if (main === undefined) {
    const isMissed = kind === "linked" && (hasPatterns || options.links.length > 0);
    const why = displaced
      ? "nothing was taken from the main checkout, for the worktree isn't where git knows it: git worktree repair tells it"
      : "the repository has no main checkout to take files from";
    return { copied: [], linked: [], notes: isMissed ? [why] : [] };
  }
  const found = hasPatterns ? await included(main, join(root, INCLUDE_FILE), options.env, op) : [];
  const notes: string[] =
    found.length > MOST_FILES ? [`${INCLUDE_FILE} names more than ${MOST_FILES} files: the rest wasn't copied`] : [];
  const copied = found.slice(0, MOST_FILES).filter((path) => copy(main, root, path, notes));
  const linked = options.links.filter((path) => link(main, root, path, notes));
  excludeFromGit(commonDir, linked);
  return { copied, linked, notes };
}

async function included(main: string, patterns: string, env: Variables, op: Operation): Promise<string[]> {
  const checkout = checkoutAt(main);
  if (checkout === undefined) return [];
  const asked = ["ls-files", "-z", "--others", "--ignored", `--exclude-from=${patterns}`];
  const listed = await askCheckout(checkout, asked, env, op);
  return listed.split("\0").filter((path) => path !== "" && !isReserved(path));
}

function copy(main: string, root: string, path: string, notes: string[]): boolean {
  const [from, to] = [join(main, path), join(root, path)];
  if (exists(to)) return false;
  if (!lstatSync(from).isFile() || !leadsInto(from, main)) {
    notes.push(`not copied: ${path} is no regular file of the main checkout`);
    return false;
  }
  if (!makeFolder(root, dirname(path))) {
    notes.push(`not copied: ${path} would lie outside of the worktree`);
    return false;
  }
  const aside = `${to}.skerry-${newId()}`;
  try {
    copyFileSync(from, aside, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    renameSync(aside, to);
    return true;
  } catch (error) {
    throw ioError("copy", from, error);
  }
}

function link(main: string, root: string, path: string, notes: string[]): boolean {
  const [from, to] = [join(main, path), join(root, path)];
  const target = relative(dirname(to), from);
  if (exists(to)) {
    const isOurs = lstatSync(to).isSymbolicLink() && readlinkSync(to) === target;
    if (!isOurs) notes.push(`not linked: ${path} is there already`);
    return isOurs;
  }
  if (!existsSync(from) || !leadsInto(from, main) || path.split("/").includes("..")) {
    notes.push(`not linked: the main checkout has no ${path} of its own`);
    return false;
  }
  if (!makeFolder(root, dirname(path))) return false;
  try {
    symlinkSync(target, to);
    return true;
  } catch (error) {
    throw ioError("link", to, error);
  }
}

/** Makes a folder of a worktree, unless a link is on the way. */
function makeFolder(root: string, path: string): boolean {
  if (isReserved(path)) return false;
  try {
    makeFolderInside(root, join(root, path));
    return true;
  } catch (error) {
    if (error instanceof SkerryError) return false;
    throw error;
  }
}
