import { realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { isErrno, SkerryError } from "../core/error.ts";
import { foldName } from "../core/fold.ts";
import { shellWord } from "../core/quote.ts";
import { exists, readWhole } from "../platform/files.ts";
import { checkoutsAbove, type GitPlace, indexOf } from "./checkouts.ts";
import { readGitConfig } from "./git-config.ts";
import { lineOf } from "./git-files.ts";
import { type GitIndex, readIndex } from "./index-file.ts";

/** The most that an index may have, in bytes: a repository of four million files. */
const MOST_BYTES = 512 * 1024 * 1024;

/** Why a folder may hold what a branch brought. */
interface Tracked {
  readonly root: string;
  /** One clause for people. */
  readonly why: string;
  /** Arguments for git that mend it, and what comes after them. */
  readonly mend: readonly [args: string, then: string];
}

/**
 * Refuses an environment in which git tracks files. Git replaces ignored files without a word, so that with the next
 * branch another's programs would stand there. What it tracks can't be told counts as well.
 * @throws SKE-ENV-TRACKED
 */
export function refuseTracked(prefix: string): void {
  const found = trackedIn(prefix);
  if (found) throw found;
}

/** The error of {@link refuseTracked}; undefined where git tracks nothing of the environment. */
export function trackedIn(prefix: string): SkerryError | undefined {
  for (const place of placesOf(prefix)) {
    for (const checkout of checkoutsAbove(dirname(place))) {
      const found = lookUp(checkout, relative(checkout.root, place));
      if (found) return refusal(prefix, found);
    }
  }
  return undefined;
}

function refusal(prefix: string, { root, why, mend }: Tracked): SkerryError {
  const folder = shellWord(root);
  const what = `${prefix} isn't used: ${why}, and a branch may bring what would run there`;
  return new SkerryError("SKE-ENV-TRACKED", what, {
    hint: `git -C ${folder} ${mend[0]} ${mend[1]}`,
    details: { prefix },
  });
}

/** Where a prefix lies, without links above it, and where it leads to as a link. */
function placesOf(prefix: string): string[] {
  const folder = dirname(resolve(prefix));
  if (!exists(folder)) return [resolve(prefix)];
  const place = join(realpathSync(folder), basename(prefix));
  try {
    return [...new Set([place, realpathSync(place)])];
  } catch (error) {
    if (isErrno(error, "ENOENT", "ELOOP", "ENOTDIR", "EACCES")) return [place];
    throw error;
  }
}

function lookUp(checkout: GitPlace, path: string): Tracked | undefined {
  const { root } = checkout;
  try {
    const { own, base } = readIndexes(checkout);
    const hit = own && firstIn(own, path);
    if (hit !== undefined) {
      const then = "takes it out; commit that, and make the environment anew (skerry worktree init --force)";
      return { root, why: `git tracks ${hit} in ${root}`, mend: [`rm -r --cached ${shellWord(path)}`, then] };
    }
    // Whether the one takes an entry out of the other isn't looked at.
    const former = base && firstIn(base, path);
    if (former === undefined) return undefined;
    const why = `git tracks, or did, ${former} in ${root}`;
    return { root, why, mend: ["update-index --no-split-index", "lets it be told which"] };
  } catch (error) {
    const why = `what git tracks in ${root} can't be told (${error instanceof Error ? error.message : error})`;
    return { root, why, mend: [`ls-files ${shellWord(path)}`, "may tell more"] };
  }
}

/** The repositories that a checkout has as submodules, or had, by their paths in it. @throws Error for an index that can't be read */
export function submodulesOf(checkout: GitPlace): string[] {
  const { own, base } = readIndexes(checkout);
  const all = [own, base].flatMap((index) => [...(index?.repositories ?? [])]);
  return [...new Set(all.map((path) => path.toString()))];
}

/** What git tracks in a checkout; of a split index also what it adds to. */
function readIndexes(checkout: GitPlace): {
  readonly own?: GitIndex | undefined;
  readonly base?: GitIndex | undefined;
} {
  const { gitDir } = checkout;
  const common = resolve(gitDir, lineOf(join(gitDir, "commondir")) ?? ".");
  const hashBytes = readGitConfig(common).objectFormat === "sha256" ? 32 : 20;
  const own = readAt(indexOf(checkout), hashBytes);
  if (own?.base === undefined) return { own };
  return { own, base: readAt(join(gitDir, own.base), hashBytes) ?? readAt(join(common, own.base), hashBytes) };
}

function readAt(path: string, hashBytes: number): GitIndex | undefined {
  const bytes = bytesOf(path);
  return bytes && readIndex(bytes, hashBytes);
}

/** The first path that lies in a folder, or stands where it or one above it should. */
function firstIn({ paths, repositories }: GitIndex, folder: string): string | undefined {
  const wanted = `${foldName(folder)}/`;
  const first = wanted.charCodeAt(0);
  for (const bytes of paths) {
    const byte = bytes[0] ?? 0;
    // Nearly all go by this; a letter that isn't ASCII may be one that isn't seen.
    if (byte < 0x80 && byte !== first && (byte | 0x20) !== first) continue;
    const path = bytes.toString();
    const folded = `${foldName(path)}/`.replace(/\/\/$/, "/");
    const isAbove = wanted.startsWith(folded) && (wanted === folded || !repositories.has(bytes));
    if (folded.startsWith(wanted) || isAbove) return path;
  }
  return undefined;
}

function bytesOf(path: string): Buffer | undefined {
  try {
    return readWhole(path, MOST_BYTES);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
