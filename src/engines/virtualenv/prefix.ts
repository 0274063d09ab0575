import { lstatSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { basename } from "node:path";
import type { Place } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import type { EnvironmentSpec } from "../../core/spec.ts";
import { ioError, removeTree, writeAtomic } from "../../platform/files.ts";
import { ownerOf, pointerIn } from "../pointer.ts";

/** Where the prefix is reached from the place: a folder, or a link to where the spec wants it. */
export function prefixOf(place: Place): string {
  return `${place.root}/venv`;
}

/**
 * Makes sure that the prefix can be written by this environment alone.
 * @returns the absolute prefix
 * @throws SKE-ENV-EXISTS when the wanted folder holds something else
 */
export async function claimPrefix(spec: EnvironmentSpec, place: Place): Promise<string> {
  const { prefix } = spec;
  if (prefix === undefined) return prefixOf(place);
  const id = basename(place.root);
  if (lstatSync(prefix, { throwIfNoEntry: false })) {
    if (ownerOf(prefix) === id) await removeTree(prefix);
    else if (!lstatSync(prefix).isDirectory() || readdirSync(prefix).length > 0) {
      throw new SkerryError(
        "SKE-ENV-EXISTS",
        `Could not create an environment in ${prefix}: it exists and isn't empty`,
        {
          hint: "remove it, or name another folder with --prefix",
        },
      );
    }
  }
  try {
    mkdirSync(prefix, { recursive: true });
    writeAtomic(pointerIn(prefix), `${JSON.stringify({ id, place: place.root })}\n`);
    symlinkSync(prefix, prefixOf(place));
  } catch (error) {
    throw ioError("create the environment in", prefix, error);
  }
  return prefix;
}

/** Removes a prefix outside the place, if it is still this environment's. */
export async function releasePrefix(spec: EnvironmentSpec, place: Place): Promise<void> {
  if (spec.prefix !== undefined && ownerOf(spec.prefix) === basename(place.root)) await removeTree(spec.prefix);
}
