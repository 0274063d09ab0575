import { lstatSync, mkdirSync, readlinkSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isErrno } from "../core/error.ts";
import { exists, ioError, readWhole } from "./files.ts";
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
 * @param stage a folder on the same file system for what is to be renamed, made when it is needed; nobody else uses it
 * @throws SKE-IO, the operating system's error
 */
export function putFile(path: string, text: string, stage = dirname(path)): void {
  try {
    // What a killed process leaves of it is found to differ, and replaced.
    writeFileSync(path, text, { flag: "wx" });
    return;
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
  if (says(path, text)) return;
  replace(path, stage, (aside) => writeFileSync(aside, text, { flag: "wx" }));
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

/** {@link putFile} for a link that leads to this. */
export function putLink(target: string, path: string, stage = dirname(path)): void {
  try {
    symlinkSync(target, path);
    return;
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
  if (isLinkTo(path, target)) return;
  replace(path, stage, (aside) => symlinkSync(target, aside));
}

/** Makes something beside what it then takes the place of; what a killed process left there goes. */
function replace(path: string, stage: string, make: (aside: string) => void): void {
  mkdirSync(stage, { recursive: true });
  const aside = join(stage, `.${basename(path)}.new`);
  if (exists(aside)) unlinkSync(aside);
  make(aside);
  makeWay(path);
  renameSync(aside, path);
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
