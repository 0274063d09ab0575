import type { Json } from "../core/json.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { Database, Row } from "./database.ts";

/** What a change of an environment sets out to do. */
export const INTENT_KINDS = ["create", "change", "repair", "destroy"] as const;
export type IntentKind = (typeof INTENT_KINDS)[number];

/** A journal row: written before a change, removed after it. An environment has one at most. */
export interface Intent {
  readonly id: number;
  readonly environment: string;
  readonly kind: IntentKind;
  /** The last step that was begun. */
  readonly step: string;
  readonly payload: Json;
  /** The process that makes the change. */
  readonly owner: ProcessIdentity;
  readonly createdAt: number;
}

/** The journal. */
export class Intents {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  begin(environment: string, kind: IntentKind, payload: Json, owner: ProcessIdentity): number {
    return this.#db.run(
      "INSERT INTO intents (environment, kind, step, payload, pid, start, boot, created_at) VALUES (?, ?, 'begun', ?, ?, ?, ?, ?)",
      environment,
      kind,
      JSON.stringify(payload),
      owner.pid,
      owner.start,
      owner.boot,
      Date.now(),
    ).id;
  }

  /** Notes the step that is about to be taken. */
  step(id: number, step: string, payload?: Json): void {
    if (payload === undefined) this.#db.run("UPDATE intents SET step = ? WHERE id = ?", step, id);
    else this.#db.run("UPDATE intents SET step = ?, payload = ? WHERE id = ?", step, JSON.stringify(payload), id);
  }

  end(id: number): void {
    this.#db.run("DELETE FROM intents WHERE id = ?", id);
  }

  /** Whoever recovers takes the intent over, so that only one process does. @returns false when another was faster */
  adopt(intent: Intent, owner: ProcessIdentity): boolean {
    const { pid, start, boot } = intent.owner;
    return (
      this.#db.run(
        "UPDATE intents SET pid = ?, start = ?, boot = ? WHERE id = ? AND pid = ? AND start = ? AND boot = ?",
        owner.pid,
        owner.start,
        owner.boot,
        intent.id,
        pid,
        start,
        boot,
      ).changes === 1
    );
  }

  list(): Intent[] {
    return this.#db.all("SELECT * FROM intents ORDER BY id").map(toIntent);
  }

  of(environment: string): Intent | undefined {
    const row = this.#db.get("SELECT * FROM intents WHERE environment = ?", environment);
    return row && toIntent(row);
  }
}

function toIntent(row: Row): Intent {
  return {
    id: Number(row.id),
    environment: String(row.environment),
    kind: String(row.kind) as IntentKind,
    step: String(row.step),
    payload: JSON.parse(String(row.payload)) as Json,
    owner: { pid: Number(row.pid), start: String(row.start), boot: String(row.boot) },
    createdAt: Number(row.created_at),
  };
}
