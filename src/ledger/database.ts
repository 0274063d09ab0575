import { basename, dirname } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { SkerryError } from "../core/error.ts";
import { shellWord } from "../core/quote.ts";
import { describe, hintFor } from "../platform/awaited.ts";
import { isReadOnly } from "../platform/files.ts";
import { isFull, withReserve } from "../platform/full-disk.ts";
import { lockHolders } from "../platform/kernel-locks.ts";
import { closeLogged, openLogged, openReadOnly } from "../platform/write-ahead-log.ts";
import { APPLICATION, FORMAT, SCHEMA } from "./schema.ts";

/** How long a connection waits for another one's transaction, in milliseconds. Transactions last far less. */
const BUSY_MS = 10_000;

/** What a column can hold. */
export type Value = null | number | string;
/** A row as SQLite gives it. */
export type Row = Record<string, Value>;

/**
 * The one connection of a process to `state.db`. A transaction never spans an `await`.
 */
export class Database {
  readonly file: string;
  /** Whether it lies on a file system that is read-only. */
  readonly isReadOnly: boolean;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws SKE-STATE-CORRUPT, SKE-STATE-NEWER, SKE-STATE-OLDER, SKE-IO */
  constructor(file: string, readOnly = isReadOnly(dirname(file))) {
    this.file = file;
    this.isReadOnly = readOnly;
    this.#db = this.#guard("open", () => {
      if (this.isReadOnly) return openReadOnly(file);
      const db = openLogged(file, BUSY_MS);
      db.exec("PRAGMA foreign_keys = ON");
      return db;
    });
    try {
      this.#guard("open", () => this.#prepare());
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Makes the tables where there are none yet, in one transaction; a ledger of another format is left as it is. */
  #prepare(): void {
    if (this.#isCurrent()) return;
    this.write(() => {
      // Another process may have made them while this one waited.
      if (this.#isCurrent()) return;
      const { tables } = this.#db.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()!;
      const { application, format } = this.#mark();
      if (tables !== 0 || application !== 0 || format !== 0)
        throw formatError(this, application === APPLICATION ? format : 0);
      this.#db.exec(`${SCHEMA}; PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${FORMAT}`);
    });
  }

  #isCurrent(): boolean {
    const { application, format } = this.#mark();
    return application === APPLICATION && format === FORMAT;
  }

  #mark(): { readonly application: number; readonly format: number } {
    const { application_id } = this.#db.prepare("PRAGMA application_id").get()!;
    const { user_version } = this.#db.prepare("PRAGMA user_version").get()!;
    return { application: Number(application_id), format: Number(user_version) };
  }

  /** Runs `work` in one immediate transaction; a throw takes everything back. */
  write<T>(work: () => T): T {
    return this.#guard("write to", () => {
      this.#db.exec(this.isReadOnly ? "BEGIN" : "BEGIN IMMEDIATE");
      try {
        const result = work();
        this.#db.exec("COMMIT");
        return result;
      } catch (error) {
        // A full disk may have rolled the transaction back already.
        if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
        throw error;
      }
    });
  }

  all(sql: string, ...values: readonly Value[]): Row[] {
    return this.#guard("read", () => this.#statement(sql).all(...values) as Row[]);
  }

  get(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#guard("read", () => this.#statement(sql).get(...values) as Row | undefined) ?? undefined;
  }

  /** @returns the number of rows changed and the id of the last one inserted */
  run(sql: string, ...values: readonly Value[]): { changes: number; id: number } {
    return this.#guard("write to", () => {
      if (this.isReadOnly) throw readOnlyError(this.file);
      const result = this.#statement(sql).run(...values);
      return { changes: Number(result.changes), id: Number(result.lastInsertRowid) };
    });
  }

  /** The same for what may be left out on a read-only file system: who uses what, and when. */
  note(sql: string, ...values: readonly Value[]): { changes: number; id: number } {
    return this.isReadOnly ? { changes: 0, id: 0 } : this.run(sql, ...values);
  }

  /** What a column holds as JSON. @throws SKE-STATE-CORRUPT where it is none: nothing of ours wrote it so */
  json<T>(value: Value | undefined): T {
    try {
      return JSON.parse(String(value)) as T;
    } catch (error) {
      throw corruptError("read", this.file, error as Error);
    }
  }

  close(): void {
    this.#statements.clear();
    closeLogged(this.#db);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(doing: string, work: () => T): T {
    try {
      // Within a transaction it is for the whole of that to be done again.
      return this.#db?.isTransaction ? work() : withReserve(dirname(this.file), work);
    } catch (error) {
      if (error instanceof SkerryError) throw error;
      if (this.#db?.isOpen === false) {
        throw new SkerryError("SKE-USAGE", `Could not ${doing} ${this.file}: this Skerry was closed`, {
          hint: "use it within its scope, or open another one with openSkerry",
          cause: error,
        });
      }
      throw databaseError(doing, this.file, error);
    }
  }
}

/** @param format 0 for what no release has written */
function formatError({ file, isReadOnly }: Database, format: number): SkerryError {
  const another = "name another state folder with --home or SKERRY_HOME";
  if (format > FORMAT) {
    const text = `${file} was written by a newer Skerry (schema ${format}, this one knows ${FORMAT})`;
    return new SkerryError("SKE-STATE-NEWER", text, { hint: `update Skerry, or ${another}` });
  }
  const home = dirname(file);
  const move = `mv ${shellWord(home)} ${shellWord(`${home}.old`)}`;
  return new SkerryError("SKE-STATE-OLDER", `${file} was written by a Skerry from before the first release`, {
    hint: isReadOnly ? another : `move it away with all that is beside it, and begin anew: ${move}; or ${another}`,
  });
}

function readOnlyError(file: string): SkerryError {
  return new SkerryError("SKE-IO", `Could not write to ${file}: it is on a file system that is read-only`, {
    hint: "what exists can be looked at and started; for all else name another state folder with --home or SKERRY_HOME",
  });
}

function corruptError(doing: string, file: string, cause: Error): SkerryError {
  return new SkerryError("SKE-STATE-CORRUPT", `Could not ${doing} ${file}: ${cause.message}`, {
    hint: `move ${file} aside (keep it), with ${basename(file)}-wal and -shm where they are, and run the command again: a new one is made; "skerry doctor" then names what the old one knew of`,
    cause,
  });
}

/** Result codes of SQLite (https://www.sqlite.org/rescode.html) that have an answer of their own. */
const CODES = { perm: 3, busy: 5, readonly: 8, ioerr: 10, corrupt: 11, cantopen: 14, notadb: 26 } as const;

function databaseError(doing: string, file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("errcode" in error || "errno" in error)) return error;
  if (/malformed JSON/.test(error.message)) return corruptError(doing, file, error);
  const code = Number("errcode" in error ? error.errcode : (error as { errno?: number }).errno) & 0xff;
  const fail = (name: "SKE-LOCKED" | "SKE-IO", hint: string) =>
    new SkerryError(name, `Could not ${doing} ${file}: ${error.message}`, { hint, cause: error });
  if (isFull(error)) return fail("SKE-IO", "the disk is full: free some space and try again");
  switch (code) {
    case CODES.corrupt:
    case CODES.notadb:
      return corruptError(doing, file, error);
    case CODES.busy:
      return busyError(doing, file, error);
    case CODES.perm:
    case CODES.readonly:
    case CODES.cantopen:
    case CODES.ioerr:
      return fail(
        "SKE-IO",
        "check that the state folder exists, is writable and on a local disk; --home or SKERRY_HOME names another",
      );
    default:
      return error;
  }
}

/** Every connection shares locks of the log's index; who writes has one of them alone. */
function busyError(doing: string, file: string, cause: Error): SkerryError {
  const holders = lockHolders([`${file}-shm`, file]).filter(({ mode }) => mode === "exclusive");
  const [first] = holders;
  const hint = first ? hintFor(first) : "another process holds the database for unusually long; try again";
  const who = first ? `${describe(first)} holds it` : cause.message;
  return new SkerryError("SKE-LOCKED", `Could not ${doing} ${file}: ${who}`, { hint, cause, details: { holders } });
}
