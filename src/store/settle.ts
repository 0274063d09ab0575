import { lstatSync } from "node:fs";
import { isErrno } from "../core/error.ts";
import { isFileOf } from "./damage.ts";
import type { Linker } from "./link-files.ts";
import type { FileRow } from "./shapes.ts";

/** A file whose place is taken. */
export interface Occupied {
  readonly linker: Linker;
  readonly prefix: string;
  /** The folder it comes from. */
  readonly root: string;
  readonly row: FileRow;
  readonly copy: boolean;
  /** Whether what stands there belongs to a distribution that changes. */
  readonly isOurs: (path: string) => boolean;
}

/**
 * Decides about a file at whose place something stands already: the file that is meant stays, one of the same
 * distribution is replaced in one step. @returns false for anything else's
 */
export function settle({ linker, prefix, root, row, copy, isOurs }: Occupied): boolean {
  const there = lstatSync(`${prefix}/${row[0]}`, { throwIfNoEntry: false });
  if (there?.isDirectory()) return false;
  if (there) {
    const source = lstatSync(`${root}/${row[0]}`);
    const linked = there.ino === source.ino && there.dev === source.dev;
    // A copy has the time of its original only once it is complete; an unmodified one that was copied once more, another.
    const same = isFileOf(`${prefix}/${row[0]}`, there, row);
    if (linked ? linker.links(row, copy) : same) return true;
    if (!linked && !isOurs(row[0])) return false;
  }
  try {
    return linker.replace(`${root}/${row[0]}`, row, copy);
  } catch (error) {
    // A file stands where a folder should: it may yet be removed.
    if (isErrno(error, "ENOTDIR", "ENOENT")) return false;
    throw error;
  }
}
