import { EMPTY_LOCK, type Lock, lockDigest } from "../core/lock.ts";
import type { Database } from "./database.ts";

/** How many parsed locks a process keeps. */
const REMEMBERED = 200;

/** Locks by digest, each stored once. Parsed ones are kept in memory, for many environments share one. */
export class Locks {
  readonly #db: Database;
  readonly #parsed = new Map<string, Lock>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Stores a lock unless it is there already. @returns its digest */
  put(lock: Lock): string {
    const key = lockDigest(lock);
    // That one stands for no lock at all, which a recorded one never does, whatever it holds.
    if (lock !== EMPTY_LOCK) this.#remember(key, lock);
    if (this.#db.get("SELECT 1 FROM locks WHERE digest = ?", key)) return key;
    this.#db.run(
      "INSERT INTO locks (digest, body, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      key,
      JSON.stringify(lock),
      Date.now(),
    );
    return key;
  }

  get(key: string): Lock | undefined {
    const known = this.#parsed.get(key);
    if (known) return known;
    const row = this.#db.get("SELECT body FROM locks WHERE digest = ?", key);
    if (!row) return undefined;
    const lock = this.#db.json<Lock>(row.body);
    lockDigest(lock, key);
    this.#remember(key, lock);
    return lock;
  }

  /** Deletes the locks that aren't in `keep`. @returns how many there were */
  deleteOthers(keep: Iterable<string>): number {
    const sql = "DELETE FROM locks WHERE digest NOT IN (SELECT value FROM json_each(?))";
    return this.#db.run(sql, JSON.stringify([...keep])).changes;
  }

  #remember(key: string, lock: Lock): void {
    if (this.#parsed.has(key)) return;
    this.#parsed.set(key, lock);
    if (this.#parsed.size > REMEMBERED) this.#parsed.delete(this.#parsed.keys().next().value!);
  }
}
