import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ioError, removeTree } from "../platform/files.ts";
import { tryLease } from "../platform/lease.ts";
import type { StatePaths } from "../platform/paths.ts";

const PREFIX = "scratch-";

/**
 * Gives `use` an empty folder below the state's `tmp/` and removes it afterwards. The folder is held by a lease of the
 * same name, so that one left behind by a killed process is told from one in use. Names are numbered from 0 and used
 * again: the number of lock files stays small.
 */
export async function withScratch<T>(paths: StatePaths, use: (folder: string) => Promise<T>): Promise<T> {
  for (let n = 0; ; n++) {
    const lease = tryLease(paths, `${PREFIX}${n}`, "exclusive");
    if (lease === undefined) continue;
    const folder = join(paths.tmp, lease.name);
    try {
      await removeTree(folder);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return await use(folder);
    } finally {
      await removeTree(folder);
      lease.release();
    }
  }
}

/** Removes scratch folders that nobody holds. @returns how many there were @throws SKE-IO */
export async function sweepScratch(paths: StatePaths): Promise<number> {
  let removed = 0;
  let names: string[];
  try {
    names = readdirSync(paths.tmp);
  } catch (error) {
    throw ioError("read", paths.tmp, error);
  }
  for (const name of names) {
    if (!/^scratch-\d+$/.test(name)) continue;
    using lease = tryLease(paths, name, "exclusive");
    if (lease === undefined) continue;
    await removeTree(join(paths.tmp, name));
    removed++;
  }
  return removed;
}
