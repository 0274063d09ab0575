import { statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { isErrno } from "../core/error.ts";

/** SQLite's result code for a full disk, and the extended one for an index of a log that can't grow. */
const FULL = 13;
const IOERR_SHMSIZE = 4874;

/** Whether something failed because no room is left: what the system or SQLite said, or an error that was made of that. */
export function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isErrno(error, "ENOSPC", "EDQUOT")) return true;
  const code = "errcode" in error ? Number(error.errcode) : 0;
  return (code & 0xff) === FULL || code === IOERR_SHMSIZE || isFull(error.cause);
}

/** The file of a state folder that takes up room until the disk is full. */
export function reserveFile(home: string): string {
  return join(home, "reserve");
}

/** How much of it is given up at once, in bytes: what one change of the ledger takes. Others may take the room at once. */
const SLICE = 128 * 1024;

/**
 * Does what needs a little room: where there is none, some of the reserve is given up, and it is done again. So what
 * exists can be started and removed on a full disk. `work` takes back what it did before it throws.
 */
export function withReserve<T>(home: string, work: () => T): T {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isFull(error) || !giveUp(reserveFile(home))) throw error;
    }
  }
}

/** @returns false when there was nothing to give up */
function giveUp(file: string): boolean {
  try {
    const { size } = statSync(file);
    truncateSync(file, Math.max(0, size - SLICE));
    return size > 0;
  } catch {
    return false;
  }
}
