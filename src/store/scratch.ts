import { mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "../core/operation.ts";
import { ioError } from "../platform/files.ts";
import { acquireLease, tryLease } from "../platform/lease.ts";
import type { StatePaths } from "../platform/paths.ts";
import { removeTree } from "../platform/remove.ts";

const NAME = "scratch";
/** More than are ever in use at once, and how long one is waited for all the same, in milliseconds. */
const MOST = 1000;
const PATIENCE_MS = 60_000;

/**
 * Gives `use` an empty folder below the state's `tmp/` and removes it afterwards. It lies in one that is held by a lease
 * of the same name, so that what a killed process left behind is told from what is in use. These names are numbered
 * and used again, for the number of lock files to stay small; the folder's own is new each time, for a tool that
 * outlived a killed process may still write to the path it was given.
 */
export async function withScratch<T>(
  paths: StatePaths,
  op: Operation,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const request = { mode: "exclusive", slots: MOST, timeoutMs: PATIENCE_MS, op } as const;
  const lease = await acquireLease(paths, NAME, request);
  const held = join(paths.tmp, lease.place);
  try {
    await removeTree(held);
    mkdirSync(held, { recursive: true, mode: 0o700 });
    return await use(mkdtempSync(join(held, "-")));
  } catch (error) {
    // What the disk says while a tree is made; a tool's own failure is told by whoever ran it.
    throw error instanceof Error && "syscall" in error ? ioError("use", held, error) : error;
  } finally {
    await removeTree(held).finally(() => lease.release());
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
    if (!/^scratch(\.\d+)?$/.test(name)) continue;
    using lease = tryLease(paths, name, "exclusive");
    if (lease === undefined) continue;
    await removeTree(join(paths.tmp, name));
    removed++;
  }
  return removed;
}
