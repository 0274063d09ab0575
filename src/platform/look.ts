import { type Stats, statSync } from "node:fs";
import { isErrno } from "../core/error.ts";

/**
 * What a path leads to, links followed; undefined for nothing, and for what lies where this process can't look: behind a
 * file, in a folder that is closed to it, in a ring of links, or under a name that is longer than there can be.
 */
export function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isErrno(error, "ENOTDIR", "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG")) return undefined;
    throw error;
  }
}
