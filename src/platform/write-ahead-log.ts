import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { makePrivateFile } from "./private-file.ts";

/** From this size on, in bytes, the next to open a database empties its log: reading a log back takes 0.5 ms a megabyte. */
const LONG_LOG = 512 * 1024;

/** The open connections, and their files. */
const open = new Map<DatabaseSync, string>();

/**
 * Opens a database with a write-ahead log. A power failure may take the last transactions back, and nothing else.
 * @param busyMs how long the connection waits for locks
 */
export function openLogged(file: string, busyMs: number): DatabaseSync {
  // SQLite gives the log and its index the mode of the database, which others could read if SQLite made it.
  makePrivateFile(file);
  const db = new (sqlite().DatabaseSync)(file, { timeout: busyMs });
  enterLogMode(db, busyMs);
  db.exec("PRAGMA synchronous = NORMAL");
  emptyLongLog(db, file, busyMs);
  open.set(db, file);
  return db;
}

/**
 * Opens a database on a read-only file system. SQLite needs the index of a log that has something in it; where there is
 * no such log, nobody can be changing the database.
 */
export function openReadOnly(file: string): DatabaseSync {
  const url = process.getBuiltinModule("node:url").pathToFileURL(file);
  if (!statSync(`${file}-wal`, { throwIfNoEntry: false })?.size) url.search = "?immutable=1";
  return new (sqlite().DatabaseSync)(url, { readOnly: true });
}

/** SQLite's result code for a database that others have locked. */
const BUSY = 5;

/** Of two that open a new database at once, both wanting it for themselves, SQLite refuses one without a wait. */
function enterLogMode(db: DatabaseSync, busyMs: number): void {
  for (const until = Date.now() + busyMs; ; ) {
    try {
      db.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      const { errcode, errno } = error as { readonly errcode?: number; readonly errno?: number };
      if (((errcode ?? errno ?? 0) & 0xff) !== BUSY || Date.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Loaded when it is needed: every command imports this module, to leave logs that it may not have. */
function sqlite() {
  return process.getBuiltinModule("node:sqlite");
}

/** Closes a connection, for a process that lives on. The last one of all processes writes the log back. */
export function closeLogged(db: DatabaseSync): void {
  open.delete(db);
  if (db.isOpen) db.close();
}

/**
 * Closes all connections at the end of a process without writing any log back: that would wait for the disk twice for
 * each database, longer than most commands take. The next to open reads the log, and empties it when it has become long.
 * SQLite writes it back only with the database to itself. So each gets a reader, which can't write and stays to the end.
 */
export function leaveLogs(): void {
  for (const [db, file] of open) {
    try {
      const reader = new (sqlite().DatabaseSync)(file, { readOnly: true });
      readers.add(reader);
      // At its own end it would wait for the disk too, before it finds that it can't write.
      reader.exec("PRAGMA synchronous = OFF; SELECT 1 FROM sqlite_schema");
      closeLogged(db);
    } catch {
      // Then the end of the process closes it, at leisure.
    }
  }
}

/** Kept from being collected as garbage, which would close them. */
const readers = new Set<DatabaseSync>();

/**
 * Writes a long write-ahead log back into its database and empties it, unless others are using it at this moment.
 * SQLite leaves that to the last connection that closes, and ours end unclosed: the next to open would read the whole
 * log, not know how much of it was written back already, and never begin it anew.
 */
function emptyLongLog(db: DatabaseSync, file: string, busyMs: number): void {
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
