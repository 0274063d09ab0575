import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { throwIfStopped } from "../core/operation.ts";
import type { Holder, LeaseMode } from "./holder.ts";
import { LeaseQueue } from "./lease-queue.ts";
import { closeGate, GATE_CLOSED, gateHolders, lockFile, sweepLockFiles } from "./lock-file.ts";
import type { StatePaths } from "./paths.ts";
import { type Patience, waitFor } from "./wait.ts";

export type { LeaseMode } from "./holder.ts";
export { removeLockFile } from "./lock-file.ts";

/** A claim on a name that the kernel frees when this process ends, however it ends. */
export interface Lease extends Disposable {
  readonly name: string;
  readonly mode: LeaseMode;
  /** Which one of several it is: its own name, such as `create.1`. */
  readonly place: string;
  /** Gives the claim back. A second call does nothing. */
  release(): void;
}

/** How to ask for a lease. */
export interface LeaseRequest extends Patience {
  readonly mode: LeaseMode;
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
function lockPlace(
  paths: StatePaths,
  name: string,
  mode: LeaseMode,
  slots: number,
): { readonly db: DatabaseSync; readonly place: string } | typeof GATE_CLOSED | undefined {
  for (let slot = 0; slot < slots; slot++) {
    const place = slot === 0 ? name : `${name}.${slot}`;
    const db = lockFile(paths, place, mode);
    if (db === GATE_CLOSED) return db;
    if (db) return { db, place };
  }
  return undefined;
}

function makeLease(
  queue: LeaseQueue,
  { name, mode }: Pick<Lease, "name" | "mode">,
  { db, place }: { readonly db: DatabaseSync; readonly place: string },
  ticket: number | undefined,
): Lease {
  const release = () => {
    if (!held.delete(db)) return;
    queue.remove(ticket);
    db.close();
  };
  held.set(db, release);
  return { name, mode, place, release, [Symbol.dispose]: release };
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
  if (!queue.standing(name, mode).isNext) return undefined;
  const lock = lockPlace(paths, name, mode, slots);
  if (lock === undefined || lock === GATE_CLOSED) return undefined;
  return makeLease(queue, { name, mode }, lock, queue.add(name, mode, true));
}

/**
 * Takes a lease, waiting for it in a fair queue: first come, first served, readers that follow each other together.
 * A second request of the same process waits like everyone's; a lease isn't re-entrant.
 * @throws SKE-LOCKED after `timeoutMs`, naming who holds it
 * @throws SKE-INTERRUPTED when the operation is stopped
 */
export async function acquireLease(paths: StatePaths, name: string, request: LeaseRequest): Promise<Lease> {
  const { mode, op, slots = 1 } = request;
  throwIfStopped(op);
  const free = tryLease(paths, name, mode, slots);
  if (free) return free;
  const queue = queueOf(paths);
  const ticket = queue.add(name, mode, false);
  let before = 0;
  let isClosed = false;
  const attempt = () => {
    const standing = queue.standing(name, mode, ticket);
    before = standing.before;
    const lock = standing.isNext ? lockPlace(paths, name, mode, slots) : undefined;
    isClosed = lock === GATE_CLOSED;
    if (lock === undefined || lock === GATE_CLOSED) return undefined;
    queue.hold(ticket);
    return makeLease(queue, { name, mode }, lock, ticket);
  };
  const holders = () => (isClosed ? gateHolders(paths) : leaseHolders(paths, name));
  // The first in the queue looks often; one far behind has time.
  const pauseMs = (waited: number) => Math.min(2 + waited / 20, 10 + 10 * before, 200);
  try {
    return await waitFor({ name, attempt, holders, pauseMs }, request);
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
