import type { Json } from "../core/json.ts";
import type { Database, Row } from "./database.ts";

/** What may be forgotten at any time: facts of interpreters, resolved locks, checks that passed. */
export class Cache {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @returns the value and when it was stored (milliseconds since 1970) */
  get(kind: string, key: string): { readonly value: Json; readonly at: number } | undefined {
    const row = this.#db.get("SELECT value, stored_at FROM cache WHERE kind = ? AND key = ?", kind, key);
    const value = row && readable(row);
    return value === undefined ? undefined : { value, at: Number(row?.stored_at) };
  }

  /** @param at when the value was found (milliseconds since 1970); absent: now */
  put(kind: string, key: string, value: Json, at = Date.now()): void {
    this.#db.note(
      "INSERT INTO cache (kind, key, value, stored_at) VALUES (?, ?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, stored_at = excluded.stored_at",
      kind,
      key,
      JSON.stringify(value),
      at,
    );
  }

  /** The values of a kind. */
  values(kind: string): Json[] {
    return this.#db
      .all("SELECT value FROM cache WHERE kind = ?", kind)
      .map(readable)
      .filter((value) => value !== undefined);
  }

  /** Forgets what was stored before a time. @returns how many there were */
  clearBefore(time: number): number {
    return this.#db.note("DELETE FROM cache WHERE stored_at < ?", time).changes;
  }

  /** Forgets all of a kind. */
  clear(kind: string): void {
    this.#db.note("DELETE FROM cache WHERE kind = ?", kind);
  }
}

/** What a row holds; undefined where it can't be read: it is found anew, as any that was forgotten. */
function readable({ value }: Row): Json | undefined {
  try {
    return JSON.parse(String(value)) as Json;
  } catch {
    return undefined;
  }
}
