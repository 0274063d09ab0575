import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Holder, LeaseMode } from "./holder.ts";
import { isHidden, mayBeAlive, ownCommand, selfIdentity } from "./identity.ts";
import { isStopped } from "./kernel-locks.ts";
import { closeLogged, openLogged } from "./write-ahead-log.ts";

interface Ticket extends Holder {
  readonly id: number;
}

const TABLE = `CREATE TABLE IF NOT EXISTS tickets (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, mode TEXT NOT NULL, held INTEGER NOT NULL,
  pid INTEGER NOT NULL, start TEXT NOT NULL, boot TEXT NOT NULL, command TEXT NOT NULL, since INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS ticket_name ON tickets (name, held, id)`;

/** How long a connection waits for another one's transaction, in milliseconds: nothing else goes on meanwhile. */
const BUSY_MS = 500;
/** How long the table is left alone after that, in milliseconds: somebody may have been stopped in the middle of writing. */
const REST_MS = 5000;
const BUSY = 5;

/**
 * Who waits for leases and who holds them. Only the kernel's locks decide who has a lease: this makes waiting fair
 * and gives messages a name. When it can't be written (a full disk), leases work on without it, unfairly.
 */
export class LeaseQueue {
  readonly #file: string;
  #open: DatabaseSync | undefined;
  #restsUntil = 0;
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

  /** @param tries how often it is tried when the table can't be written: a living process that seems to wait holds up others */
  remove(ticket: number | undefined, tries = 5): void {
    if (ticket === undefined || tries === 0) return;
    const isGone = this.#courtesy(false, () => {
      this.#sql("DELETE FROM tickets WHERE id = ?").run(ticket);
      return true;
    });
    if (!isGone) setTimeout(() => this.remove(ticket, tries - 1), REST_MS).unref();
  }

  /**
   * How a ticket stands: how many were there before it, and whether it is next, for none of them must be served first: all
   * that live for an exclusive request, the exclusive ones for a shared one. Processes that were stopped (Ctrl-Z) are passed
   * over while they are, and those of other containers always: one that was killed there would keep everybody waiting.
   */
  standing(name: string, mode: LeaseMode, ticket = Number.MAX_SAFE_INTEGER): { isNext: boolean; before: number } {
    return this.#courtesy({ isNext: true, before: 0 }, () => {
      const count = "SELECT count(*) AS count FROM tickets WHERE name = ? AND held = 0 AND id < ?";
      const before = Number(this.#sql(count).get(name, ticket)?.count);
      return { isNext: before === 0 || !this.#hasToWait(name, mode, ticket), before };
    });
  }

  /** Looks at those before a ticket only as far as the first who has to be waited for: hundreds may be in a queue. */
  #hasToWait(name: string, mode: LeaseMode, ticket: number): boolean {
    const only = mode === "shared" ? "AND mode = 'exclusive'" : "";
    const some = `SELECT * FROM tickets WHERE name = ? AND held = 0 AND id > ? AND id < ? ${only} ORDER BY id LIMIT 4`;
    for (let after = 0; ; ) {
      const rows = this.#sql(some).all(name, after, ticket) as unknown as Ticket[];
      if (rows.some((row) => this.#isAlive(row) && canGo(row))) return true;
      const last = rows.at(-1);
      if (!last) return false;
      after = last.id;
    }
  }

  holders(name: string): Holder[] {
    return this.#courtesy([], () =>
      this.#all("SELECT * FROM tickets WHERE name = ? AND held = 1 ORDER BY id", name).map(
        ({ pid, start, boot, command, mode, since }) => ({ pid, start, boot, command, mode, since }),
      ),
    );
  }

  /** Removes the tickets of processes that have ended, whatever they were for. */
  sweep(): void {
    this.#courtesy(undefined, () => void this.#all("SELECT * FROM tickets"));
  }

  /** Tickets of processes that live, or may do so in another container. */
  #all(sql: string, ...values: readonly string[]): Ticket[] {
    return (this.#sql(sql).all(...values) as unknown as Ticket[]).filter((row) => this.#isAlive(row));
  }

  /** Removes the ticket of a process that is dead. */
  #isAlive(row: Ticket): boolean {
    const alive = mayBeAlive(row, row.since);
    if (!alive) this.remove(row.id, 1);
    return alive;
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
    if (performance.now() < this.#restsUntil) return otherwise;
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Error && "errcode" in error)) throw error;
      if ((Number(error.errcode) & 0xff) === BUSY) this.#restsUntil = performance.now() + REST_MS;
      return otherwise;
    }
  }
}

function canGo(ticket: Ticket): boolean {
  return !isHidden(ticket) && !isStopped(ticket.pid);
}
