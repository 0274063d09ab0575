import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { isErrno } from "../core/error.ts";
import { fileTime, setFileTime } from "./file-time.ts";
import { trashBeside } from "./remove.ts";

/**
 * Gives a folder another name, at which nothing stands. Where the kernel refuses to rename it, as across mounts and in a
 * lower layer of overlayfs, a copy beside the new name takes that in one step, then the old one goes: killed at any
 * moment, there is one of both, whole. @throws the operating system's error
 */
export function moveFolder(from: string, to: string): void {
  try {
    renameSync(from, to);
    return;
  } catch (error) {
    if (!isErrno(error, "EXDEV", "EBUSY")) throw error;
  }
  const aside = trashBeside(to);
  try {
    copy(from, aside);
    renameSync(aside, to);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    throw error;
  }
  rmSync(from, { recursive: true, force: true });
}

/** Copies what stands at a path, with modes and times. */
function copy(from: string, to: string): void {
  const stat = lstatSync(from);
  if (stat.isSymbolicLink()) {
    symlinkSync(readlinkSync(from), to);
    return;
  }
  if (stat.isDirectory()) {
    mkdirSync(to);
    for (const name of readdirSync(from)) copy(`${from}/${name}`, `${to}/${name}`);
  } else {
    copyFileSync(from, to);
  }
  chmodSync(to, stat.mode & 0o7777);
  setFileTime(to, fileTime(stat));
}
