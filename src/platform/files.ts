import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { isErrno, SkerryError, UnfitFile } from "../core/error.ts";
import { isFull } from "./full-disk.ts";

const HINTS: Readonly<Record<string, string>> = {
  EACCES: "check who owns it and its permissions (ls -ld), or choose a folder that you can write to",
  EPERM: "check who owns it and its attributes (ls -ld, lsattr), or choose a folder that you can write to",
  EROFS: "the file system is read-only: choose a folder on a writable one",
  ENOSPC: "the disk is full (or has no inodes left: df -i): free some space and try again",
  EDQUOT: "your disk quota is used up: free some space and try again",
  ENOENT: "check the path: a folder of it doesn't exist",
  ENOTDIR: "check the path: a part of it is a file, not a folder",
  EISDIR: "a folder stands where a file should be: move it away (mv), and try again",
  EEXIST: "something stands in the way: move it away (mv), and try again",
  EXDEV: "the folders of the state have to be in one mount: mount the whole state folder, or name another with --home",
  EBUSY: "something is mounted there: unmount it, or name another folder",
  EMFILE: "this process has too many open files: raise the limit (ulimit -n) and try again",
  ENFILE: "the system has too many open files: close some programs and try again",
};

/** `SKE-IO` for a failed system call: `doing` completes "Could not …" (`write`, `create`), `path` is what it was done to. */
export function ioError(doing: string, path: string, error: unknown): SkerryError {
  if (error instanceof SkerryError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const kind = isNotOpened(error) ? (isReadOnly(dirname(path)) ? "EROFS" : "EACCES") : isFull(error) ? "ENOSPC" : code;
  const hint = error instanceof UnfitFile ? error.hint : HINTS[kind];
  // Node.js writes "ENOENT: no such file or directory, open '/x'"; the call and the path are told better around it.
  const what = (error instanceof Error ? error.message : String(error)).replace(
    /^([A-Z0-9]+): ([^,]+), .*$/s,
    "$2 ($1)",
  );
  return new SkerryError("SKE-IO", `Could not ${doing} ${path}: ${what}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { path, errno: code },
    cause: error,
  });
}

/** Whether a folder is on a file system on which nothing can be written, by nobody. */
export function isReadOnly(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch (error) {
    return isErrno(error, "EROFS");
  }
}

/** SQLite says no more of a file that it can't open. */
function isNotOpened(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 14;
}

/** A folder to work in, without links in its path. @throws SKE-IO */
export function workingFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw ioError("work in", path, error);
  }
}

/** True when something is there, a dangling symbolic link included. @throws SKE-IO */
export function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (isErrno(error, "ENOTDIR")) return false;
    throw ioError("look at", path, error);
  }
}

/** Whether a path that exists lies in a folder, wherever links lead. @throws the operating system's error */
export function leadsInto(path: string, folder: string): boolean {
  return `${realpathSync(path)}${sep}`.startsWith(realpathSync(folder) + sep);
}

/** More than any file of outside that is read whole, in bytes. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * All of a regular file, opened once; a pipe or device isn't waited for, and no more is read than the file may have. For a
 * file that speaks for a project there is `readProjectFile`.
 * @param most bytes that such a file may have
 * @throws the operating system's error, and one like it, with the path, for what is no regular file or larger
 */
export function readWhole(path: string, most: number = MOST_BYTES): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() && !stat.isDirectory()) throw new UnfitFile();
    const bytes = readAtMost(fd, stat, most + 1);
    if (bytes.length > most) throw new UnfitFile(most);
    return bytes;
  } catch (error) {
    throw Object.assign(error as Error, { syscall: "read", path });
  } finally {
    closeSync(fd);
  }
}

/** The text of such a file, or undefined where there is none. @throws SKE-IO, also for what is no regular file or larger */
export function readIfExists(path: string, most?: number): string | undefined {
  try {
    return readWhole(path, most).toString("utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw ioError("read", path, error);
  }
}

/** What an open file has, up to a limit in bytes: to its end, whatever its size said. */
export function readAtMost(fd: number, { size }: Pick<Stats, "size">, limit: number): Buffer {
  let buffer = Buffer.allocUnsafe(Math.min(limit, Math.max(size + 1, 4096)));
  for (let length = 0; ; ) {
    const count = length === limit ? 0 : readSync(fd, buffer, length, buffer.length - length, null);
    length += count;
    if (count === 0) return buffer.subarray(0, length);
    if (length < buffer.length || length === limit) continue;
    // It has grown since it was looked at, or is one of the kernel's, which have no size.
    const larger = Buffer.allocUnsafe(Math.min(limit, 2 * length));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  }
}

let counter = 0;
export function uniqueSuffix(): string {
  return `${process.pid}-${Date.now().toString(36)}-${++counter}`;
}

/**
 * Writes a whole file so that a reader sees the old or the new content, never a part: a temporary file beside it, then
 * a rename. A symbolic link at `path` is replaced, not followed.
 * @param options.mode permissions regardless of the umask; absent: 0666 without the umask
 * @param options.fsync also survive a power failure
 * @param options.aside folder on the same file system for the temporary file, where what a killed process leaves is swept
 * @throws SKE-IO
 */
export function writeAtomic(
  path: string,
  data: string | Uint8Array,
  options: { readonly mode?: number; readonly fsync?: boolean; readonly aside?: string } = {},
): void {
  const temporary = join(options.aside ?? dirname(path), `.${basename(path).slice(0, 100)}.${uniqueSuffix()}.tmp`);
  try {
    const fd = openSync(temporary, "wx", options.mode ?? 0o666);
    try {
      if (options.mode !== undefined) fchmodSync(fd, options.mode);
      const bytes = typeof data === "string" ? Buffer.from(data) : data;
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
      if (options.fsync) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    if (options.fsync) syncFolder(dirname(path));
  } catch (error) {
    try {
      unlinkSync(temporary);
    } catch {}
    if (options.aside === undefined || options.aside === dirname(path) || !isErrno(error, "EXDEV"))
      throw ioError("write", path, error);
    // A mount in the middle of the state folder.
    writeAtomic(path, data, { ...options, aside: dirname(path) });
  }
}

function syncFolder(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Removes an empty folder; nothing there is fine. @returns false for anything else that is there, which stays */
export function removeFolder(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return isErrno(error, "ENOENT");
  }
}
