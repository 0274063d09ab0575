// On the warm path: imports nothing heavy.
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readWhole } from "../platform/files.ts";

/** A folder with a `.git` entry, and the git folder that git uses there, whether it is to be believed or not. */
export interface GitPlace {
  readonly root: string;
  readonly gitDir: string;
}

/** Every checkout that a folder lies in, the innermost first: the files of one may lie in another. */
export function checkoutsAbove(folder: string): GitPlace[] {
  const found: GitPlace[] = [];
  for (let root = folder; ; root = dirname(root)) {
    const gitDir = gitDirOf(`${root}/.git`);
    if (gitDir !== undefined) found.push({ root, gitDir });
    if (root === dirname(root)) return found;
  }
}

/** The file in which git keeps what it tracks in a checkout (gitformat-index(5)). */
export function indexOf({ gitDir }: GitPlace): string {
  return `${gitDir}/index`;
}

/** Another text when git may have written into one of these checkouts since. */
export function stampOfIndexes(folder: string): string {
  return checkoutsAbove(folder)
    .map((place) => {
      const stat = statSync(indexOf(place), { throwIfNoEntry: false, bigint: true });
      return stat ? `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}` : "none";
    })
    .join(" ");
}

function gitDirOf(dotGit: string): string | undefined {
  try {
    const stat = statSync(dotGit, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return dotGit;
    if (!stat?.isFile() || stat.size > MOST_BYTES) return undefined;
    const text = readWhole(dotGit, MOST_BYTES).toString("utf8");
    if (!text.startsWith("gitdir: ")) return undefined;
    let end = text.length;
    while (text[end - 1] === "\n" || text[end - 1] === "\r") end--;
    return resolve(dirname(dotGit), text.slice("gitdir: ".length, end));
  } catch {
    // What can't be looked at, git can't use either.
    return undefined;
  }
}

/** The most that a `.git` file may have, in bytes: one path. */
const MOST_BYTES = 64 * 1024;
