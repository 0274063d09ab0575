import { chmodSync, lstatSync, mkdirSync, readdirSync, type Stats, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { isErrno } from "../core/error.ts";
import { exists, ioError, writeAtomic } from "./files.ts";
import { reserveFile } from "./full-disk.ts";
import { lookAt } from "./look.ts";
import type { StatePaths } from "./paths.ts";
import { keepAside } from "./put.ts";

/** How much room is reserved, in bytes, and how much has to be free before it is. */
const RESERVE = 1 << 20;
const ROOM = 16 * RESERVE;

/**
 * Puts the state folder's own folders and files right, as some accident may have left them: makes folders that are gone,
 * opens to their owner what was closed to it, and gives what stands in the way, a file for a folder or a folder for a
 * file, another name. What is in them is mended by who uses it. A dozen stats when all is well. @throws SKE-IO
 */
export function mendState(paths: StatePaths): void {
  const { home, envs, store, locks, tools, logs, tmp } = paths;
  for (const folder of [envs, store, locks, tools, logs, tmp]) mendFolder(folder);
  for (const name of ["store/trees", "store/layers", "tasks", "shims"]) mendFolder(join(home, name), true);
  for (const name of ["gate", "queue.db", "queue.db-wal", "queue.db-shm"]) mendFile(join(locks, name));
  mendFile(join(tools, "installer.json"));
  for (const entry of readdirSync(locks, { withFileTypes: true }))
    if (entry.isDirectory()) mendFile(join(locks, entry.name));
  mendFile(reserveFile(home));
  keepReserve(paths);
}

/** The same for the ledger, which says whether the rest is of a format that may be touched. @throws SKE-IO */
export function mendLedger({ db }: StatePaths): void {
  for (const end of ["", "-wal", "-shm"]) mendFile(db + end);
}

/** Takes room that {@link withReserve} gives up where there is none. Its bytes can't be compressed. */
function keepReserve({ home, tmp }: StatePaths): void {
  const file = reserveFile(home);
  if (lookAt(file)?.size === RESERVE) return;
  try {
    const { bavail, bsize } = statfsSync(home);
    if (bavail * bsize < ROOM) return;
    // Loaded when it is needed: once in the life of a state.
    const { randomBytes } = process.getBuiltinModule("node:crypto");
    writeAtomic(file, randomBytes(RESERVE), { mode: 0o600, aside: tmp });
  } catch {
    // The quota is smaller than the disk, say. Who needs room is told.
  }
}

/** @param isOptional whether it is fine that there is none @throws SKE-IO */
export function mendFolder(path: string, isOptional = false): void {
  const stat = lookAt(path);
  if (stat?.isDirectory()) openToOwner(path, stat, 0o700);
  else if (exists(path)) keepAside(path);
  if (stat?.isDirectory() || (isOptional && stat === undefined)) return;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw ioError("create", path, error);
  }
}

/** Opens a file that is there to its owner, and moves a folder that stands in its place out of the way. @throws SKE-IO */
export function mendFile(path: string): void {
  const stat = lookAt(path);
  if (stat?.isDirectory()) keepAside(path);
  else if (stat) openToOwner(path, stat, 0o600);
}

/**
 * Why a folder isn't as {@link mendFolder} leaves it: "is gone", "is no folder", "is closed to its owner", which what
 * lies below a closed folder counts as. Undefined for one that can be worked in.
 */
export function folderFault(path: string): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return lstatSync(path, { throwIfNoEntry: false }) ? "is no folder" : "is gone";
    if (!stat.isDirectory()) return "is no folder";
    return (stat.mode & 0o700) === 0o700 ? undefined : "is closed to its owner";
  } catch (error) {
    if (isErrno(error, "ENOTDIR")) return "is gone";
    if (isErrno(error, "ELOOP")) return "is no folder";
    if (isErrno(error, "EACCES", "EPERM")) return "is closed to its owner";
    throw ioError("look at", path, error);
  }
}

function openToOwner(path: string, { mode }: Stats, needed: number): void {
  if ((mode & needed) === needed) return;
  try {
    chmodSync(path, (mode & 0o777) | needed);
  } catch (error) {
    throw ioError("open up", path, error);
  }
}
