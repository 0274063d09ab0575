import type { RecordedEvent, SkerryEvent } from "../core/event.ts";
import type { Database, Row } from "./database.ts";

/** Events are kept for this long (30 days, in milliseconds) and up to this number, whichever is less. */
const KEEP = { ms: 30 * 86_400_000, rows: 20_000 };

/** Which events to read. */
export interface EventFilter {
  /** Only those with a greater `seq`. */
  readonly after?: number;
  /** Only those at or after this time, in milliseconds since 1970. */
  readonly since?: number | undefined;
  /** Id of an environment. */
  readonly environment?: string;
  /** The newest so many. */
  readonly limit?: number | undefined;
}

/** The table of events. */
export class Events {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  append(event: SkerryEvent): number {
    const { environment } = event;
    const { id } = this.#db.note(
      "INSERT INTO events (time, kind, environment, name, duration_ms, data) VALUES (?, ?, ?, ?, ?, ?)",
      event.time,
      event.kind,
      environment?.id ?? null,
      environment?.name ?? null,
      event.durationMs ?? null,
      JSON.stringify(event.data),
    );
    if (id > 0 && id % 500 === 0) this.trim();
    return id;
  }

  /** Deletes those that are kept no longer. @returns how many there were */
  trim(): number {
    const [seq, time] = [this.last() - KEEP.rows, Date.now() - KEEP.ms];
    return this.#db.run("DELETE FROM events WHERE seq <= ? OR time < ?", seq, time).changes;
  }

  /** In the order they were told. */
  list(filter: EventFilter = {}): RecordedEvent[] {
    const where: string[] = ["seq > ?"];
    const values: (string | number)[] = [filter.after ?? 0];
    if (filter.since !== undefined) {
      where.push("time >= ?");
      values.push(filter.since);
    }
    if (filter.environment !== undefined) {
      where.push("environment = ?");
      values.push(filter.environment);
    }
    const rows = this.#db.all(
      `SELECT * FROM events WHERE ${where.join(" AND ")} ORDER BY seq DESC LIMIT ?`,
      ...values,
      filter.limit ?? -1,
    );
    return rows.reverse().map((row) => toEvent(this.#db, row));
  }

  /** The `seq` of the newest event; 0 when there is none. */
  last(): number {
    return Number(this.#db.get("SELECT max(seq) AS seq FROM events")?.seq ?? 0);
  }
}

function toEvent(db: Database, row: Row): RecordedEvent {
  return {
    seq: Number(row.seq),
    time: Number(row.time),
    kind: String(row.kind),
    ...(row.environment === null ? {} : { environment: { id: String(row.environment), name: String(row.name) } }),
    ...(row.duration_ms === null ? {} : { durationMs: Number(row.duration_ms) }),
    data: db.json(row.data),
  } as RecordedEvent;
}
