import { lstatSync, type Stats, statSync } from "node:fs";
import { isErrno } from "../core/error.ts";

/** What a path leads to, links followed; undefined for nothing, and for what lies where this process can't look. */
export function lookAt(path: string): Stats | undefined {
  return unlessHidden(() => statSync(path, { throwIfNoEntry: false }));
}

/** The same of what stands at the path itself, which may be a link. */
export function lookAtEntry(path: string): Stats | undefined {
  return unlessHidden(() => lstatSync(path, { throwIfNoEntry: false }));
}

/** A file on the way, a folder that is closed to this process, links in a ring, a name longer than there can be. */
function unlessHidden(look: () => Stats | undefined): Stats | undefined {
  try {
    return look();
  } catch (error) {
    if (isErrno(error, "ENOTDIR", "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG")) return undefined;
    throw error;
  }
}
