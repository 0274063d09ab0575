import { mkdirSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from "node:fs";
import type { Place } from "../../core/environment.ts";
import { isErrno, SkerryError } from "../../core/error.ts";
import type { EnvironmentSpec } from "../../core/spec.ts";
import { exists, ioError } from "../../platform/files.ts";
import { removeTree } from "../../platform/remove.ts";
import { asideOf, takeDown, writePointer } from "../pointer.ts";

/** Where the prefix is reached from the place: a folder, or a link to where the spec wants it. */
export function prefixOf(place: Place): string {
  return `${place.root}/venv`;
}

/** Where an environment's prefix lies: where the spec wants it, or in the place. */
export function prefixFor(spec: EnvironmentSpec, place: Place): string {
  return spec.prefix ?? prefixOf(place);
}

/**
 * Makes sure that the prefix can be written by this environment alone.
 * @returns the absolute prefix
 * @throws SKE-ENV-EXISTS when the wanted folder holds something else
 */
export async function claimPrefix(spec: EnvironmentSpec, place: Place): Promise<string> {
  const { prefix } = spec;
  if (prefix === undefined) return prefixOf(place);
  await releasePrefix(spec, place);
  const aside = asideOf(prefix, place);
  try {
    mkdirSync(aside, { recursive: true });
    writePointer(aside, place, prefix);
    // Takes the place of nothing, or of an empty folder, and so is the claim as well.
    renameSync(aside, prefix);
    symlinkSync(prefix, prefixOf(place));
  } catch (error) {
    await removeTree(aside);
    if (!exists(prefix) || !isErrno(error, "ENOTEMPTY", "EEXIST", "ENOTDIR"))
      throw ioError("create the environment in", prefix, error);
    throw new SkerryError("SKE-ENV-EXISTS", `Could not create an environment in ${prefix}: it exists and isn't empty`, {
      hint: "remove it, or name another folder with --prefix",
    });
  }
  return prefix;
}

/** Makes a prefix outside the place, and the link that leads to it, this environment's again. */
export function ownAgain(prefix: string, place: Place): void {
  try {
    writePointer(prefix, place);
    const link = prefixOf(place);
    if (exists(link) && readlinkIf(link) === prefix) return;
    const aside = `${link}.new`;
    if (exists(aside)) unlinkSync(aside);
    symlinkSync(prefix, aside);
    renameSync(aside, link);
  } catch (error) {
    throw ioError("take up", prefix, error);
  }
}

/** Where a link leads; undefined for anything else. */
export function readlinkIf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Removes a prefix outside the place, if it is still this environment's, and what a killed process left of it. */
export async function releasePrefix(spec: EnvironmentSpec, place: Place): Promise<void> {
  const { prefix } = spec;
  if (prefix === undefined) return;
  await takeDown(prefix, place);
}
