import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import type { Place } from "../../core/environment.ts";
import { isErrno, SkerryError } from "../../core/error.ts";
import { exists, ioError, readIfExists, removeFolder, writeAtomic } from "../../platform/files.ts";
import { removeTree } from "../../platform/remove.ts";
import { readPointer } from "../../project/pointer.ts";
import { asideOf, isOwn, takeDown, writePointer } from "../pointer.ts";

/** The link in a place that leads to the prefix, by which the place is known as one of this engine. */
export function linkIn(place: Place): string {
  return `${place.root}/pixi`;
}

/**
 * Makes sure that the prefix can be this environment's. One that pixi made by itself is only taken up by
 * {@link takePrefix}, so that it is left as it was when installing fails.
 * @throws SKE-ENV-EXISTS when it is another environment's
 */
export async function claimPrefix(prefix: string, place: Place): Promise<void> {
  if (isOwn(prefix, place)) await releasePrefix(prefix, place);
  const other = readPointer(prefix);
  if (other !== undefined) {
    if (isOthers(prefix, place)) throw takenError(prefix);
    // A copy from elsewhere, full of paths of there.
    await removeTree(prefix);
  }
  const aside = asideOf(prefix, place);
  await removeTree(aside);
  try {
    rmSync(linkIn(place), { force: true });
    symlinkSync(prefix, linkIn(place));
    if (exists(prefix)) return;
    mkdirSync(aside, { recursive: true });
    writePointer(aside, place, prefix);
    renameSync(aside, prefix);
  } catch (error) {
    await removeTree(aside);
    if (isErrno(error, "ENOTEMPTY", "EEXIST")) throw takenError(prefix);
    throw ioError("create the environment in", prefix, error);
  }
}

/** As `pixi init` has it: what pixi installs is nothing to commit, a project's own settings are. */
const IGNORED = "*\n!config.toml\n";

function ignoreFile(prefix: string): string {
  return `${dirname(dirname(prefix))}/.gitignore`;
}

/** Makes an installed prefix this environment's, and lets git pass over it. @throws SKE-IO */
export function takePrefix(prefix: string, place: Place): void {
  if (!exists(ignoreFile(prefix))) writeAtomic(ignoreFile(prefix), IGNORED);
  if (readPointer(prefix)?.prefix !== prefix || !isOwn(prefix, place)) writePointer(prefix, place);
}

/** Whether a prefix is that of another environment, which is there still. */
export function isOthers(prefix: string, place: Place): boolean {
  const pointer = readPointer(prefix);
  if (pointer?.place === undefined || pointer.place === place.root) return false;
  return exists(pointer.place) && pointer.prefix === prefix;
}

function takenError(prefix: string): SkerryError {
  const id = readPointer(prefix)?.id;
  return new SkerryError("SKE-ENV-EXISTS", `Could not create an environment in ${prefix}: it is another one's`, {
    hint: id === undefined ? "try again" : `use that one: skerry show ${id}; or remove it: skerry rm ${id}`,
    details: { prefix, ...(id === undefined ? {} : { environment: id }) },
  });
}

/** Removes the prefix, if it is this environment's, and what a killed process left of it. Manifest and lock stay. */
export async function releasePrefix(prefix: string, place: Place): Promise<void> {
  await takeDown(prefix, place);
  const envs = dirname(prefix);
  if (!removeFolder(envs)) return;
  const ignore = ignoreFile(prefix);
  if (readIfExists(ignore) === IGNORED && readdirSync(dirname(ignore)).length === 1) rmSync(ignore, { force: true });
  removeFolder(dirname(envs));
}
