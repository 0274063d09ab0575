import type { ProcessRef } from "../core/process.ts";
import { hideSecrets } from "../core/secrets.ts";
import { mayBeAlive } from "../platform/identity.ts";
import type { Database, Row } from "./database.ts";

/** A command that was started in an environment and was not seen to end. Its process may be gone all the same. */
export interface ProcessRow {
  readonly id: number;
  readonly environment: string;
  readonly ref: ProcessRef;
  /** The program, and nothing of its arguments: see {@link keptOf}. */
  readonly command: readonly string[];
  readonly startedAt: number;
}

/** What is kept of a command line: arguments may be secrets, and megabytes. */
export function keptOf([program = ""]: readonly string[]): readonly string[] {
  return [hideSecrets(program.slice(0, 200))];
}

/**
 * The table of started processes. A row goes when its process is seen to have ended, or with its environment.
 */
export class Processes {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  insert(environment: string, ref: ProcessRef, command: readonly string[]): number {
    return this.#db.note(
      "INSERT INTO processes (environment, ref, command, started_at) VALUES (?, ?, ?, ?)",
      environment,
      JSON.stringify(ref),
      JSON.stringify(keptOf(command)),
      Date.now(),
    ).id;
  }

  list(environment?: string): ProcessRow[] {
    const rows =
      environment === undefined
        ? this.#db.all("SELECT * FROM processes ORDER BY id")
        : this.#db.all("SELECT * FROM processes WHERE environment = ? ORDER BY id", environment);
    return rows.map((row) => toProcess(this.#db, row));
  }

  /** Those that still run, or may do so in another container; the rows of the others are deleted. */
  running(environment?: string): ProcessRow[] {
    const rows = this.list(environment);
    const gone = rows.filter(({ ref, startedAt }) => ref.kind === "local" && !mayBeAlive(ref, startedAt));
    for (const row of gone) this.end(row);
    return rows.filter((row) => !gone.includes(row));
  }

  /** Notes that a process was seen to have ended: where an environment goes when it is idle, that is when it was last used. */
  end({ id, environment }: Pick<ProcessRow, "id" | "environment">): void {
    const { changes } = this.#db.note("DELETE FROM processes WHERE id = ?", id);
    if (changes === 0) return;
    this.#db.run(
      "UPDATE environments SET used_at = max(used_at, ?) WHERE id = ? AND json_extract(cleanup, '$.idle') IS NOT NULL",
      Date.now(),
      environment,
    );
  }
}

function toProcess(db: Database, row: Row): ProcessRow {
  return {
    id: Number(row.id),
    environment: String(row.environment),
    ref: db.json(row.ref),
    command: db.json(row.command),
    startedAt: Number(row.started_at),
  };
}
