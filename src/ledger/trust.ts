import type { Json } from "../core/json.ts";
import type { Database } from "./database.ts";

/** What of projects' own files the user trusts, by digest. */
export class Trust {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  has(digest: string): boolean {
    return this.#db.get("SELECT 1 AS one FROM trust WHERE digest = ?", digest) !== undefined;
  }

  add(digest: string, body: Json): void {
    this.#db.run(
      "INSERT INTO trust (digest, body, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      digest,
      JSON.stringify(body),
      Date.now(),
    );
  }

  /** @returns false when it was not there */
  remove(digest: string): boolean {
    return this.#db.run("DELETE FROM trust WHERE digest = ?", digest).changes === 1;
  }

  list(): { readonly digest: string; readonly body: Json; readonly at: number }[] {
    return this.#db.all("SELECT * FROM trust ORDER BY created_at").map((row) => ({
      digest: String(row.digest),
      body: this.#db.json<Json>(row.body),
      at: Number(row.created_at),
    }));
  }
}
