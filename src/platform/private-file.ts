// Loaded at every start: imports nothing of ours.
import { closeSync, lstatSync, openSync } from "node:fs";

/**
 * Makes an empty file that only its owner can read, where there is none. A file that is there is never opened: closing it
 * would free the locks that this process has on it. Where none can be made, who opens it next says so.
 * @throws the operating system's error
 */
export function makePrivateFile(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["EEXIST", "ENOENT", "ENOTDIR", "EACCES", "EROFS"].includes(code)) throw error;
  }
}
