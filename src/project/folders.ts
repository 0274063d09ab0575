// On the warm path: imports nothing heavy.
import { type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Variables } from "../core/variables.ts";
import { isRepositoryRoot } from "../git/border.ts";
import { userHomeFolder } from "../platform/paths.ts";
import { NO_CONFIG_VARIABLE } from "./no-config.ts";

/** Where what is meant by a folder is looked for. */
export interface Searched {
  /** That folder and those above it, the nearest first. */
  readonly folders: readonly string[];
  /** The last of them, where a repository begins there. */
  readonly repositoryRoot: string | undefined;
}

/**
 * The folders that count for this one: itself and those above it, up to the root of a repository, which may be the
 * user's home folder. Where there is none they end below the home folder (or with it, where they begin there), below a
 * folder that several users share (with the sticky bit, as /tmp has), where a folder of the user's lies in somebody
 * else's, and at the border of a file system.
 * @param start without symbolic links in its path
 * @param options.acrossDevices leaves the last one out, which the builtins of a shell can't see
 */
export function searchedFolders(
  start: string,
  env: Variables,
  { acrossDevices = false }: { readonly acrossDevices?: boolean } = {},
): Searched {
  const home = statSync(userHomeFolder(env), { throwIfNoEntry: false });
  const folders: string[] = [];
  let here = statSync(start);
  for (let folder = start; ; ) {
    folders.push(folder);
    if (isRepositoryRoot(folder)) return { folders, repositoryRoot: folder };
    const parent = dirname(folder);
    if (parent === folder || isSame(here, home)) break;
    const above = statSync(parent);
    if (isShared(above) || (isOwn(here) && !isOwn(above))) break;
    if (isSame(above, home) && !isRepositoryRoot(parent)) break;
    if (above.dev !== here.dev && !acrossDevices) break;
    folder = parent;
    here = above;
  }
  return { folders, repositoryRoot: undefined };
}

/** The same for files that speak for the project: in no folder where {@link NO_CONFIG_VARIABLE} leaves them out. */
export function foldersOfFiles(start: string, env: Variables): Searched {
  return env[NO_CONFIG_VARIABLE] ? { folders: [], repositoryRoot: undefined } : searchedFolders(start, env);
}

function isSame(one: Stats, other: Stats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev;
}

function isShared({ mode }: Stats): boolean {
  return (mode & 0o1000) !== 0;
}

function isOwn({ uid }: Stats): boolean {
  return uid === process.geteuid?.();
}
