import { readdirSync, renameSync, rmdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Place } from "../core/environment.ts";
import { isErrno, SkerryError } from "../core/error.ts";
import { exists, ioError, readIfExists, removeTree, writeAtomic } from "../platform/files.ts";
import { POINTER } from "../python/own-paths.ts";

/** The file in a prefix outside the state folder that points back to its environment: `{ "id": …, "place": …, "prefix": … }`. */
function pointerIn(prefix: string): string {
  return `${prefix}/${POINTER}`;
}

/** Where the environment of a folder lies, by who makes it; the first one counts. */
export const PREFIXES = [".venv", ".pixi/envs/default"] as const;

/** The folder whose environment has this prefix, which may be another of pixi's as well. */
export function folderOf(prefix: string): string {
  return /^(.*)\/\.pixi\/envs\/[^/]+$/.exec(prefix)?.[1] ?? dirname(prefix);
}

/** What a pointer says. */
export interface Pointer {
  readonly id?: string;
  readonly place?: string;
  /** Where the prefix was made; elsewhere, it is a copy or was moved. */
  readonly prefix?: string;
}

/** More than any pointer has, in bytes: a path has at most 4096, which JSON may write six times as long. */
const MOST_BYTES = 64 * 1024;

/** The pointer in a prefix; undefined for a folder that is none of Skerry's: a repository may bring whatever it likes. */
export function readPointer(prefix: string): Pointer | undefined {
  try {
    const pointer = JSON.parse(readIfExists(pointerIn(prefix), MOST_BYTES) ?? "null") as Pointer | null;
    const { id, place, prefix: made } = pointer ?? {};
    return pointer && [id, place, made].every((one) => one === undefined || typeof one === "string")
      ? pointer
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof SkerryError) return undefined;
    throw error;
  }
}

/** Id of the environment that a prefix says it belongs to: the original's, where the folder was copied. */
export function ownerOf(prefix: string): string | undefined {
  return readPointer(prefix)?.id;
}

/**
 * Whether a prefix is this environment's, by its pointer. Where the state folder was copied, both have an environment of
 * this id: the prefix stays the original's as long as that is there.
 */
export function isOwn(prefix: string, place: Place): boolean {
  const pointer = readPointer(prefix);
  if (pointer?.id !== basename(place.root)) return false;
  return pointer.place === undefined || pointer.place === place.root || !exists(pointer.place);
}

/** Lets a prefix lead back to its environment. @param prefix where it lies, or will lie: what is told of it @throws SKE-IO */
export function writePointer(folder: string, place: Place, prefix: string = folder): void {
  writeAtomic(pointerIn(folder), `${JSON.stringify({ id: basename(place.root), place: place.root, prefix })}\n`);
}

/** Where a prefix outside the place is built and taken down: beside it, so that it comes and goes in one step. */
export function asideOf(prefix: string, place: Place): string {
  return `${prefix}.skerry-${basename(place.root)}`;
}

/** Removes a prefix outside the place, if it is still this environment's, and what a killed process left of it. */
export async function takeDown(prefix: string, place: Place): Promise<void> {
  const aside = asideOf(prefix, place);
  await removeTree(aside);
  if (!isOwn(prefix, place)) return;
  try {
    renameSync(prefix, aside);
  } catch (error) {
    if (!isErrno(error, "EXDEV", "EBUSY")) throw ioError("remove", prefix, error);
    await emptyOut(prefix);
    return;
  }
  await removeTree(aside);
}

/** Removes a prefix that can't be renamed where it is, what tells whose it is last; a mount point stays, empty. */
async function emptyOut(prefix: string): Promise<void> {
  for (const name of readdirSync(prefix)) if (name !== POINTER) await removeTree(`${prefix}/${name}`);
  await removeTree(pointerIn(prefix));
  try {
    rmdirSync(prefix);
  } catch (error) {
    if (!isErrno(error, "EBUSY")) throw ioError("remove", prefix, error);
  }
}
