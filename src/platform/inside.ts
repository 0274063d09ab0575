import { lstatSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { isErrno, SkerryError } from "../core/error.ts";
import { foldName } from "../core/fold.ts";
import { ioError, writeAtomic } from "./files.ts";
import { lookAt } from "./look.ts";

/**
 * Writes a whole file below a folder in which others may have made things: through no link on the way, and of a link in
 * its place it takes the place. Folders that are missing are made. See {@link writeAtomic}.
 * @param root trusted, links and all @param path below it
 * @throws SKE-IO
 */
export function writeInside(root: string, path: string, data: string, options: { readonly mode?: number } = {}): void {
  makeFolderInside(root, dirname(path));
  writeAtomic(path, data, options);
}

/** Makes a folder below another, and those between, unless something on the way is no folder but a link. @throws SKE-IO */
export function makeFolderInside(root: string, folder: string): void {
  const parts = relative(root, folder).split("/").filter(Boolean);
  if (parts[0] === "..") throw ioError("write into", folder, new Error(`it isn't in ${root}`));
  let at = root;
  for (const part of parts) {
    at = join(at, part);
    try {
      mkdirSync(at);
      continue;
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw ioError("create", at, error);
    }
    if (lstatSync(at).isDirectory()) continue;
    throw new SkerryError(
      "SKE-IO",
      `Could not write into ${folder}: ${at} is a link or file, and would lead elsewhere`,
      {
        hint: "put a folder in its place",
        details: { path: at },
      },
    );
  }
}

/** Whether a path, which needn't exist, is a folder or lies below it, however it is spelt and wherever links lead. */
export function liesBelow(path: string, folder: string): boolean {
  const wanted = statSync(folder, { throwIfNoEntry: false });
  if (wanted === undefined) return false;
  return foldersAround(path).some((at) => {
    const stat = lookAt(at);
    return stat?.ino === wanted.ino && stat.dev === wanted.dev;
  });
}

/** The folder of git's own that a path, which needn't exist, is or lies in; undefined: none. What is written there may run. */
export function gitFolderAround(path: string): string | undefined {
  const isGits = (at: string) => ["HEAD", "objects", "refs"].every((name) => lookAt(join(at, name)));
  return foldersAround(path).find((at) => foldName(basename(at)) === ".git" || isGits(at));
}

/** A path, which needn't exist, and the folders that it lies in, without links, from the inside out. */
export function foldersAround(path: string): string[] {
  let at = resolve(path);
  while (lookAt(at) === undefined && at !== dirname(at)) at = dirname(at);
  const found = [join(realpathSync(at), relative(at, resolve(path)))];
  for (let last = found[0]!; last !== dirname(last); last = dirname(last)) found.push(dirname(last));
  return found;
}
