import { readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isErrno } from "../core/error.ts";
import { sha256 } from "../core/json.ts";
import { ioError } from "./files.ts";
import { withReserve } from "./full-disk.ts";
import type { LeaseMode } from "./holder.ts";
import { lockHolders } from "./kernel-locks.ts";
import type { StatePaths } from "./paths.ts";
import { makePrivateFile } from "./private-file.ts";

const BUSY = 5;

/**
 * How long to wait at the gate without letting anything else go on, in milliseconds. Who removes lock files holds it for
 * a few at a time; longer than that only who was stopped in the middle.
 */
const GATE_MS = 100;

/** Given instead of a lock when the gate was closed all the time: whether the lock is free can't be told. */
export const GATE_CLOSED = Symbol("the gate is closed");

/** How many lock files are removed while others wait at the gate. */
const BATCH = 25;

/** The gates that this process has passed, by folder. Their connections stay open: that costs less than to open them. */
const gates = new Map<string, DatabaseSync>();

/**
 * Runs `work` while nobody removes lock files, or, for the mode `exclusive`, while nobody is opening any. A lock on a
 * file that has lost its name is none: another process would make the file anew and lock that. So a lock file is opened
 * and locked behind this gate, and removed behind it by who has locked it: then nobody else has it open.
 */
function throughGate<T>(paths: StatePaths, mode: LeaseMode, work: () => T): T | typeof GATE_CLOSED {
  return withReserve(paths.home, () => {
    const gate = gates.get(paths.locks) ?? openPrivate(gateFile(paths), GATE_MS);
    gates.set(paths.locks, gate);
    if (!begin(gate, mode)) return GATE_CLOSED;
    try {
      return work();
    } finally {
      gate.exec("COMMIT");
    }
  });
}

/** SQLite makes files that others can read. */
function openPrivate(file: string, timeout: number): DatabaseSync {
  makePrivateFile(file);
  return new DatabaseSync(file, { timeout });
}

function gateFile(paths: StatePaths): string {
  return join(paths.locks, "gate");
}

/** Those who are at the gate at this moment, as far as that can be seen. */
export function gateHolders(paths: StatePaths): ReturnType<typeof lockHolders> {
  return lockHolders([gateFile(paths)]);
}

/** Takes the kernel's lock that a transaction on an empty database holds. @returns false when it is taken */
function begin(db: DatabaseSync, mode: LeaseMode): boolean {
  try {
    // A deferred transaction takes its SHARED lock with the first read.
    db.exec(mode === "exclusive" ? "BEGIN EXCLUSIVE" : "BEGIN; SELECT 1 FROM sqlite_master");
    return true;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    if (error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === BUSY) return false;
    throw error;
  }
}

/** Takes the kernel's lock of a name, or gives undefined. Closing what is returned frees it. @throws SKE-IO */
export function lockFile(
  paths: StatePaths,
  name: string,
  mode: LeaseMode,
): DatabaseSync | typeof GATE_CLOSED | undefined {
  const file = join(paths.locks, lockFileName(name));
  try {
    return throughGate(paths, "shared", () => lock(file, mode));
  } catch (error) {
    throw ioError("lock", file, error);
  }
}

function lock(file: string, mode: LeaseMode): DatabaseSync | undefined {
  const db = openPrivate(file, 0);
  let isLocked = false;
  try {
    isLocked = begin(db, mode);
  } finally {
    if (!isLocked) db.close();
  }
  return isLocked ? db : undefined;
}

/** A name as a file name. Upper case is hashed too: some file systems don't tell it from lower case. */
export function lockFileName(name: string): string {
  return `${/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name) ? name : `=${sha256(name).slice(0, 40)}`}.lock`;
}

/**
 * Removes the lock files that nobody holds, a few at a time, so that who takes leases waits for milliseconds at most.
 * @param deadline time (as `performance.now()` tells it) after which the rest stays
 * @returns how many were removed @throws SKE-IO
 */
export async function sweepLockFiles(paths: StatePaths, deadline = Number.POSITIVE_INFINITY): Promise<number> {
  let removed = 0;
  try {
    const names = readdirSync(paths.locks).filter((name) => name.endsWith(".lock"));
    for (let at = 0; at < names.length && performance.now() < deadline; at += BATCH) {
      const files = names.slice(at, at + BATCH).map((name) => join(paths.locks, name));
      const some = throughGate(paths, "exclusive", () => files.filter(removeIfFree).length);
      if (some === GATE_CLOSED) break;
      removed += some;
      await new Promise((resolve) => setImmediate(resolve));
    }
  } catch (error) {
    throw ioError("remove lock files from", paths.locks, error);
  }
  return removed;
}

/**
 * Removes the lock file of a name that nobody will ask for again; the caller holds its lock alone. Who waits for it all
 * the same makes the file anew, and it stays for a sweep, as one does that can't be removed now.
 */
export function removeLockFile(paths: StatePaths, name: string): void {
  try {
    throughGate(paths, "exclusive", () => unlinkSync(join(paths.locks, lockFileName(name))));
  } catch {
    // There is none, or a sweep tells what is wrong.
  }
}

/** Call it behind the gate alone. */
function removeIfFree(file: string): boolean {
  const db = lock(file, "exclusive");
  if (db === undefined) return false;
  try {
    unlinkSync(file);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  } finally {
    db.close();
  }
}

/** Closes the gate's connection, for a process that lives on after it is done with the state. */
export function closeGate(paths: StatePaths): void {
  gates.get(paths.locks)?.close();
  gates.delete(paths.locks);
}
