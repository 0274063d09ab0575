import { readdirSync, renameSync, rmdirSync } from "node:fs";
import { basename } from "node:path";
import type { Place } from "../core/environment.ts";
import { isErrno } from "../core/error.ts";
import { exists, ioError, writeAtomic } from "../platform/files.ts";
import { removeTree } from "../platform/remove.ts";
import { POINTER, pointerIn, readPointer } from "../project/pointer.ts";

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
    if (isErrno(error, "ENOENT") && !exists(prefix)) return;
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
