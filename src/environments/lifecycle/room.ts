import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { SkerryError } from "../../core/error.ts";
import { Lately } from "../../core/lately.ts";
import type { LayerTarget } from "../../core/layer-target.ts";
import type { Lock, LockedPackage } from "../../core/lock.ts";
import type { EnvironmentSpec } from "../../core/spec.ts";
import { formatSize } from "../../core/units.ts";
import { ioError } from "../../platform/files.ts";
import { treeKey } from "../../store/key.ts";
import { openTree, treesFolder } from "../../store/tree.ts";
import type { Context } from "../context.ts";

/** A wheel unpacked, with its bytecode, and itself in the installer's cache take up to so many times its size. */
const UNPACKED = 5;
/** Bytes and files that the smallest environment must find room for. */
const LEAST = { bytes: 16 << 20, files: 1000 } as const;
/** Files of packages have this size on average, in bytes; less is rare. */
const FILE = 8 << 10;

/** How large the packages of a lock are, as far as that is known before they are there, in bytes. */
export interface LockSize {
  /** Of those in the store, unpacked. */
  readonly stored: number;
  /** Of the archives of the others, where the index tells it. */
  readonly archives: number;
  /** All are in the store. */
  readonly isStored: boolean;
}

/** Of no packages at all. */
export const NO_SIZE: LockSize = { stored: 0, archives: 0, isStored: true };

/** For locks all of whose packages are in the store: hundreds of environments of one lock ask once. */
const known = new WeakMap<Lock, LockSize>();

/** Adds up what is known of a lock's packages. */
export function lockSize({ paths }: Context, lock: Lock, target: LayerTarget): LockSize {
  const before = known.get(lock);
  if (before) return before;
  let [stored, archives, isStored] = [0, 0, true];
  for (const one of lock.packages) {
    const key = treeKey(one, target, lock.installer);
    const tree = key === undefined ? undefined : openTree(treesFolder(paths), key);
    if (tree) stored += tree.bytes;
    else {
      isStored = false;
      archives += archiveSize(one);
    }
  }
  const size = { stored, archives, isStored };
  if (isStored) known.set(lock, size);
  return size;
}

/** What of a lock another one hasn't got, as a lock. */
export function newIn(lock: Lock, before: Lock, target: LayerTarget): Lock {
  const had = new Set(before.packages.map((one) => treeKey(one, target, before.installer)));
  return { ...lock, packages: lock.packages.filter((one) => !had.has(treeKey(one, target, lock.installer))) };
}

/** One of its files will be taken, and they differ little. */
function archiveSize({ wheels = [], sdist, archive }: LockedPackage): number {
  const sizes = [...wheels, ...(sdist ? [sdist] : []), ...(archive ? [archive] : [])].map((file) => file.size ?? 0);
  return sizes.length === 0 ? 0 : Math.min(...sizes);
}

/**
 * Refuses what can't be written: a folder for the prefix that isn't writable, a disk without room for the packages.
 * @throws SKE-IO with numbers
 */
export function checkRoom(
  { paths }: Context,
  { name, mode, link, prefix }: Pick<EnvironmentSpec, "name" | "mode" | "link" | "prefix">,
  { stored, archives }: LockSize,
): void {
  const copies = mode === "full" && link === "copy" ? stored : 0;
  needRoom(paths.home, name, LEAST.bytes + archives * UNPACKED + (prefix === undefined ? copies : 0));
  if (prefix === undefined) return;
  let parent = dirname(prefix);
  while (!existsSync(parent)) parent = dirname(parent);
  try {
    accessSync(`${parent}/.`, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw ioError("create the environment in", prefix, error);
  }
  needRoom(parent, name, LEAST.bytes + copies);
}

interface Free {
  readonly bytes: number;
  /** Undefined where the file system has no such limit. */
  readonly files: number | undefined;
}

/** What was free, by folder. */
const lately = new Lately<Free>();

function needRoom(folder: string, name: string, bytes: number): void {
  const free = freeIn(folder);
  const files = LEAST.files + Math.ceil((bytes - LEAST.bytes) / FILE);
  const lacks = (what: string, details: Readonly<Record<string, number>>) =>
    new SkerryError("SKE-IO", `There is no room for ${name} in ${folder}: ${what}`, {
      hint: "free some space there (skerry rm removes environments), or name another state folder with --home",
      details: { folder, ...details },
    });
  if (free.bytes < bytes) {
    throw lacks(`it needs about ${formatSize(bytes)}, and ${formatSize(free.bytes)} are free`, {
      needed: bytes,
      free: free.bytes,
    });
  }
  if (free.files !== undefined && free.files < files) {
    throw lacks(`it needs about ${files} files, and the disk has room for ${free.files} (inodes)`, {
      neededFiles: files,
      freeFiles: free.files,
    });
  }
}

function freeIn(folder: string): Free {
  const before = lately.get(folder);
  if (before) return before;
  const { bavail, bsize, files, ffree } = statfsSync(folder);
  return lately.set(folder, { bytes: bavail * bsize, files: files > 0 ? ffree : undefined });
}
