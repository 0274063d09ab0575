import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { SkerryError } from "../core/error.ts";
import { type Operation, stopped, throwIfStopped } from "../core/operation.ts";
import { formatDuration } from "../core/units.ts";
import { namePid } from "./identity.ts";
import { type Holder, type LeaseMode, LeaseQueue } from "./lease-queue.ts";
import { closeGate, lockFile, sweepLockFiles } from "./lock-file.ts";
import type { StatePaths } from "./paths.ts";

export type { Holder, LeaseMode } from "./lease-queue.ts";
export { removeLockFile } from "./lock-file.ts";

/** A claim on a name that the kernel frees when this process ends, however it ends. */
export interface Lease extends Disposable {
  readonly name: string;
  readonly mode: LeaseMode;
  /** Gives the claim back. A second call does nothing. */
  release(): void;
}

/** How to ask for a lease. */
export interface LeaseRequest {
  readonly mode: LeaseMode;
  /** How long to wait for it. */
  readonly timeoutMs: number;
  readonly op: Operation;
  /** Called once, when it isn't free at once, with one of those who hold it. */
  readonly onWait?: (holder: Holder) => void;
  /** How many may hold it at the same time; absent: one. All who ask for a name should say the same. */
  readonly slots?: number;
}

/**
 * The lock is an open SQLite transaction on an empty file: SQLite's rollback journal mode keeps SHARED and EXCLUSIVE
 * locks of the kernel (https://www.sqlite.org/lockingv3.html) for as long as the transaction lasts. A lock is lost
 * when its handle is collected as garbage, so that open ones are kept here, and when the process closes any other
 * descriptor of the file that SQLite doesn't know of: nothing but lock-file.ts may ever open, copy or remove a lock file.
 */
const held = new Map<DatabaseSync, () => void>();

/** The lock of the first of so many places that is free. */
function lockSlot(paths: StatePaths, name: string, mode: LeaseMode, slots: number): DatabaseSync | undefined {
  for (let slot = 0; slot < slots; slot++) {
    const db = lockFile(paths, slot === 0 ? name : `${name}.${slot}`, mode);
    if (db) return db;
  }
  return undefined;
}

function makeLease(
  queue: LeaseQueue,
  name: string,
  mode: LeaseMode,
  db: DatabaseSync,
  ticket: number | undefined,
): Lease {
  const release = () => {
    if (!held.delete(db)) return;
    queue.remove(ticket);
    db.close();
  };
  held.set(db, release);
  return { name, mode, release, [Symbol.dispose]: release };
}

const queues = new Map<string, LeaseQueue>();

function queueOf(paths: StatePaths): LeaseQueue {
  const known = queues.get(paths.locks);
  if (known) return known;
  const queue = new LeaseQueue(join(paths.locks, "queue.db"));
  queues.set(paths.locks, queue);
  return queue;
}

/** Takes a lease when it is free and nobody waits for it; else gives undefined at once. @throws SKE-IO */
export function tryLease(paths: StatePaths, name: string, mode: LeaseMode, slots = 1): Lease | undefined {
  const queue = queueOf(paths);
  if (!queue.mayGo(name, mode)) return undefined;
  const db = lockSlot(paths, name, mode, slots);
  return db && makeLease(queue, name, mode, db, queue.add(name, mode, true));
}

/**
 * Takes a lease, waiting for it in a fair queue: first come, first served, readers that follow each other together.
 * A second request of the same process waits like everyone's; a lease isn't re-entrant.
 * @throws SKE-LOCKED after `timeoutMs`, naming who holds it
 * @throws SKE-INTERRUPTED when the operation is stopped
 */
export async function acquireLease(paths: StatePaths, name: string, request: LeaseRequest): Promise<Lease> {
  const { mode, op, timeoutMs, onWait, slots = 1 } = request;
  throwIfStopped(op);
  const free = tryLease(paths, name, mode, slots);
  if (free) return free;
  const queue = queueOf(paths);
  const since = Date.now();
  const ticket = queue.add(name, mode, false);
  let told = false;
  try {
    for (;;) {
      const ahead = queue.ahead(name, mode, ticket);
      const db = ahead === 0 ? lockSlot(paths, name, mode, slots) : undefined;
      if (db) {
        queue.hold(ticket);
        return makeLease(queue, name, mode, db, ticket);
      }
      const waited = Date.now() - since;
      if (waited >= timeoutMs) throw lockedError(name, waited, leaseHolders(paths, name));
      if (!told) {
        const [holder, ...others] = leaseHolders(paths, name);
        if (holder) {
          told = true;
          onWait?.(holder);
          const more = others.length > 0 ? ` and ${others.length} more` : "";
          op.report({ phase: "wait", detail: `for ${describe(holder)}${more}` });
        }
      }
      // The first in the queue looks often; one far behind has time.
      await pause(Math.min(2 + waited / 20, 10 + 10 * ahead, 200, timeoutMs - waited), op.signal);
    }
  } catch (error) {
    queue.remove(ticket);
    throw error;
  }
}

/** Who holds a lease now. Empty when nobody does; a holder may be missing for the instant in which it takes it. */
export function leaseHolders(paths: StatePaths, name: string): Holder[] {
  return queueOf(paths).holders(name);
}

/**
 * Removes what leases leave behind: the files of names that nobody holds, and the tickets of processes that have ended.
 * @param deadline time (as `performance.now()` tells it) after which the rest stays
 * @returns how many files were removed @throws SKE-IO
 */
export function sweepLeases(paths: StatePaths, deadline?: number): Promise<number> {
  queueOf(paths).sweep();
  return sweepLockFiles(paths, deadline);
}

/** Closes what was opened to take leases in a state folder. Leases that are held stay held. */
export function closeLeases(paths: StatePaths): void {
  queues.get(paths.locks)?.close();
  closeGate(paths);
}

/** Gives back every lease of this process: what replaces its program has no use for them. */
export function releaseAllLeases(): void {
  for (const release of [...held.values()]) release();
}

function describe(holder: Holder): string {
  return `process ${namePid(holder)} (${holder.command})`;
}

/** Why a lease couldn't be had: who holds it, since when. */
export function lockedError(name: string, waited: number, holders: readonly Holder[]): SkerryError {
  const [first] = holders;
  const who = first
    ? `${describe(first)} has held it for ${formatDuration(Date.now() - first.since)}${holders.length > 1 ? `, and ${holders.length - 1} more` : ""}`
    : "others took it first each time";
  return new SkerryError("SKE-LOCKED", `The lock "${name}" was not free within ${formatDuration(waited)}: ${who}`, {
    hint: first ? `wait for process ${first.pid} to finish, or end it` : "try again",
    details: { lock: name, holders },
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(stopped(signal));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
