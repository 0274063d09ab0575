import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/** From this size on, in bytes, the next to open a database empties its log: reading a log back takes 0.5 ms a megabyte. */
const LONG_LOG = 512 * 1024;

/**
 * Writes a long write-ahead log back into its database and empties it, unless others are using it at this moment.
 * SQLite leaves that to the last connection that closes, and ours end unclosed: the next to open would read the whole
 * log, not know how much of it was written back already, and never begin it anew.
 * @param file of the database
 * @param busyMs how long the connection waits for locks otherwise
 */
export function emptyLongLog(db: DatabaseSync, file: string, busyMs: number): void {
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) < LONG_LOG) return;
  try {
    // Most is written back before writers have to wait.
    db.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(PASSIVE); PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // The disk is full, or the like: who writes is told.
  } finally {
    db.exec(`PRAGMA busy_timeout = ${busyMs}`);
  }
}
