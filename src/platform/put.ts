import { lstatSync, readlinkSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { isErrno } from "../core/error.ts";
import { exists, ioError, readWhole, writeAtomic } from "./files.ts";
import { moveFolder } from "./move.ts";

/** Gives what stands at a path, which somebody may miss, a name beside it that nothing looks at. @returns its path then @throws SKE-IO */
export function keepAside(path: string): string {
  let aside = `${path}.kept`;
  for (let n = 2; exists(aside); n++) aside = `${path}.kept-${n}`;
  try {
    moveFolder(path, aside);
  } catch (error) {
    throw ioError("move out of the way", path, error);
  }
  return aside;
}

/** Moves a folder out of the way of what is to stand there; anything else stays. @throws SKE-IO */
export function makeWay(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) keepAside(path);
}

/**
 * Makes sure that a file is there and says this. What else has its name is replaced in one step: a link is never written
 * through, a folder is kept aside.
 * @throws SKE-IO, the operating system's error
 */
export function putFile(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: "wx" });
    return;
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
  if (says(path, text)) return;
  makeWay(path);
  writeAtomic(path, text);
}

/** Whether a file, and no link to one, stands at a path, can be read and says exactly this. */
export function says(path: string, text: string): boolean {
  try {
    return lstatSync(path).isFile() && readWhole(path).toString("utf8") === text;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES")) return false;
    throw error;
  }
}

/** Makes sure that a link is there and leads to this. A folder in its place is kept aside. @throws SKE-IO, the operating system's error */
export function putLink(target: string, path: string): void {
  try {
    symlinkSync(target, path);
    return;
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
  if (isLinkTo(path, target)) return;
  makeWay(path);
  if (exists(path)) unlinkSync(path);
  symlinkSync(target, path);
}

/** Whether a link that says exactly this stands at a path. */
export function isLinkTo(path: string, target: string): boolean {
  try {
    return readlinkSync(path) === target;
  } catch (error) {
    if (isErrno(error, "EINVAL", "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}
