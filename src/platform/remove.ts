import { chmodSync, lstatSync, readdirSync, renameSync } from "node:fs";
import { chmod, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isErrno } from "../core/error.ts";
import { exists, ioError, uniqueSuffix } from "./files.ts";
import type { StatePaths } from "./paths.ts";

/**
 * Removes a file, link or folder with all that is in it; nothing there is fine, and so is another process removing it
 * at the same time. Sealed folders (0555) are opened up first. Symbolic links are removed, never followed.
 * @throws SKE-IO
 */
export async function removeTree(path: string): Promise<void> {
  const until = performance.now() + 300_000;
  // Most often asked before something is made: then it takes no thread.
  for (let failed = 0; exists(path); ) {
    try {
      if (performance.now() > until) throw new Error("it is filled again and again");
      await rm(path, { recursive: true, force: true });
      // It ends early, and without an error, where another process was faster to take something out.
      if (exists(path)) await new Promise((resolve) => setTimeout(resolve, 20 * Math.random()));
    } catch (error) {
      if (++failed > 3 && exists(path)) throw ioError("remove", path, error);
      if (isErrno(error, "EACCES", "EPERM")) await openUp(path);
      else if (!isErrno(error, "ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR", "EBUSY"))
        throw ioError("remove", path, error);
    }
  }
}

/** Makes every folder of a tree writable for its owner: what is in a folder can't be removed otherwise. */
async function openUp(path: string): Promise<void> {
  try {
    if (!lstatSync(path).isDirectory()) return;
    await chmod(path, 0o700);
    const entries = await readdir(path, { withFileTypes: true });
    await Promise.all(entries.filter((entry) => entry.isDirectory()).map((entry) => openUp(join(path, entry.name))));
  } catch {
    // The removal that follows tells what is wrong.
  }
}

/** The names of what waits to be removed. */
const TRASH = /^(\.skerry-)?trash-/;

/** What the kernel says of a folder that lies in a lower layer of overlayfs, is a mount point, or may not be renamed. */
const STAYS_IN_PLACE = ["EXDEV", "EBUSY", "EPERM"];

/** A new name beside a path, at which {@link emptyTrash} removes what a killed process left. */
export function trashBeside(path: string): string {
  return join(dirname(path), `.skerry-trash-${uniqueSuffix()}`);
}

/**
 * Takes something out of the way in one step, to be removed later at leisure (see {@link removeTree}).
 * @returns where it lies now: in the state's `tmp/`, beside `path` where that is on another file system, or still at
 * `path` where it can't be renamed: then it is removed by who keeps others from making it anew meanwhile. Undefined when
 * nothing was there
 * @throws SKE-IO
 */
export function trash(paths: StatePaths, path: string): string | undefined {
  const beside = trashBeside(path);
  for (const target of [join(paths.tmp, basename(beside).slice(".skerry-".length)), beside]) {
    try {
      return moveTo(path, target);
    } catch (error) {
      if (!isErrno(error, ...STAYS_IN_PLACE)) throw ioError("move away", path, error);
    }
  }
  return path;
}

function moveTo(path: string, target: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  // A folder takes its `..` along: moving a sealed one needs write permission on itself.
  if (stat.isDirectory() && (stat.mode & 0o200) === 0) chmodSync(path, 0o700);
  try {
    renameSync(path, target);
  } catch (error) {
    if (isErrno(error, "ENOENT") && !exists(path)) return undefined;
    throw error;
  }
  return target;
}

/** Removes what {@link trash} left in the state folder. @throws SKE-IO */
export async function emptyTrash({ tmp, envs, store, tools }: StatePaths): Promise<void> {
  for (const folder of [tmp, envs, tools, join(store, "trees"), join(store, "layers")]) {
    let names: string[];
    try {
      names = readdirSync(folder);
    } catch (error) {
      if (isErrno(error, "ENOENT")) continue;
      throw ioError("read", folder, error);
    }
    for (const name of names) if (TRASH.test(name)) await removeTree(join(folder, name));
  }
}
