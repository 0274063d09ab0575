import { lstatSync, type Stats, statSync } from "node:fs";
import { isErrno, SkerryError } from "../core/error.ts";
import { readIfExists } from "../platform/files.ts";

/** The most that a file of git's is read, in bytes: those looked at here have one line, the configuration a few. */
const MOST_BYTES = 1024 * 1024;

/** The text of a file of git's, without the line end; undefined when there is none. */
export function lineOf(path: string): string | undefined {
  const text = textOf(path);
  if (text === undefined) return undefined;
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return text.slice(0, end);
}

/** The text of a file of git's; undefined when there is none, or none that can be one: a pipe, one that is too large. */
export function textOf(path: string): string | undefined {
  try {
    return readIfExists(path, MOST_BYTES);
  } catch (error) {
    if (error instanceof SkerryError) return undefined;
    throw error;
  }
}

/** What a path leads to; undefined when nothing is there, or nothing that may be looked at. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isErrno(error, "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG")) return undefined;
    throw error;
  }
}

/** Whether nothing is there; what can't be looked at just now (a server that doesn't answer) isn't gone. */
export function isGone(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    return isErrno(error, "ENOTDIR");
  }
}
