import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ProcessIdentity } from "../core/process.ts";
import { isHidden, mayBeAlive, ownCommand, selfIdentity, statOf } from "./identity.ts";
import { closeLogged, openLogged } from "./write-ahead-log.ts";

export type LeaseMode = "exclusive" | "shared";

/** A process that holds a lease. */
export interface Holder extends ProcessIdentity {
  readonly command: string;
  readonly mode: LeaseMode;
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
}

interface Ticket extends Holder {
  readonly id: number;
}

const TABLE = `CREATE TABLE IF NOT EXISTS tickets (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, mode TEXT NOT NULL, held INTEGER NOT NULL,
  pid INTEGER NOT NULL, start TEXT NOT NULL, boot TEXT NOT NULL, command TEXT NOT NULL, since INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS ticket_name ON tickets (name, held, id)`;

/** How long a connection waits for another one's transaction, in milliseconds. */
const BUSY_MS = 2000;

/**
 * Who waits for leases and who holds them. Only the kernel's locks decide who has a lease: this makes waiting fair
 * and gives messages a name. When it can't be written (a full disk), leases work on without it, unfairly.
 */
export class LeaseQueue {
  readonly #file: string;
  #open: DatabaseSync | undefined;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string) {
    this.#file = file;
  }

  /** Adds a ticket of this process; its id, or undefined when that can't be. */
  add(name: string, mode: LeaseMode, isHeld: boolean): number | undefined {
    return this.#courtesy(undefined, () => {
      const { pid, start, boot } = selfIdentity();
      const sql =
        "INSERT INTO tickets (name, mode, held, pid, start, boot, command, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
      const values = [name, mode, isHeld ? 1 : 0, pid, start, boot, ownCommand(), Date.now()];
      return Number(this.#sql(sql).run(...values).lastInsertRowid);
    });
  }

  /** Turns a waiting ticket into a holder's. */
  hold(ticket: number | undefined): void {
    if (ticket === undefined) return;
    this.#courtesy(undefined, () =>
      this.#sql("UPDATE tickets SET held = 1, since = ? WHERE id = ?").run(Date.now(), ticket),
    );
  }

  remove(ticket: number | undefined): void {
    if (ticket === undefined) return;
    this.#courtesy(undefined, () => this.#sql("DELETE FROM tickets WHERE id = ?").run(ticket));
  }

  /** True when nobody who waits would be passed over. */
  mayGo(name: string, mode: LeaseMode): boolean {
    return this.ahead(name, mode, undefined) === 0;
  }

  /**
   * How many living tickets stand before this one and must be served first: all of them for an exclusive request, the
   * exclusive ones for a shared one. Processes that were stopped (Ctrl-Z) are passed over while they are, and those of other
   * containers always: one that was killed there would keep everybody waiting.
   */
  ahead(name: string, mode: LeaseMode, ticket: number | undefined): number {
    return this.#courtesy(0, () => {
      const rows = this.#rows("name = ? AND held = 0 AND id < ?", name, ticket ?? Number.MAX_SAFE_INTEGER);
      return rows.filter((row) => (mode === "exclusive" || row.mode === "exclusive") && canGo(row)).length;
    });
  }

  holders(name: string): Holder[] {
    return this.#courtesy([], () =>
      this.#rows("name = ? AND held = 1 AND id < ?", name, Number.MAX_SAFE_INTEGER).map(
        ({ pid, start, boot, command, mode, since }) => ({ pid, start, boot, command, mode, since }),
      ),
    );
  }

  /** Removes the tickets of processes that have ended, whatever they were for. */
  sweep(): void {
    this.#courtesy(undefined, () => {
      this.#alive(this.#sql("SELECT * FROM tickets").all() as unknown as Ticket[]);
    });
  }

  #rows(where: string, name: string, below: number): Ticket[] {
    return this.#alive(
      this.#sql(`SELECT * FROM tickets WHERE ${where} ORDER BY id`).all(name, below) as unknown as Ticket[],
    );
  }

  /** The tickets of processes that live, or may do so in another container; those of dead ones are removed. */
  #alive(rows: readonly Ticket[]): Ticket[] {
    return rows.filter((row) => {
      const alive = mayBeAlive(row, row.since);
      if (!alive) this.remove(row.id);
      return alive;
    });
  }

  #sql(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement !== undefined) return statement;
    statement = this.#database().prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  #database(): DatabaseSync {
    if (this.#open) return this.#open;
    const db = openLogged(this.#file, BUSY_MS);
    if (!db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'ticket_name'").get())
      db.exec(`BEGIN IMMEDIATE; ${TABLE}; COMMIT`);
    this.#open = db;
    return db;
  }

  /** Closes the connection, for a process that lives on after it is done with the state. It opens again by itself. */
  close(): void {
    this.#statements.clear();
    if (this.#open) closeLogged(this.#open);
    this.#open = undefined;
  }

  #courtesy<T>(otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Error && "errcode" in error) return otherwise;
      throw error;
    }
  }
}

function canGo(ticket: Ticket): boolean {
  if (isHidden(ticket)) return false;
  return ticket.pid === process.pid || !/[Tt]/.test(statOf(ticket.pid)?.state ?? "");
}
