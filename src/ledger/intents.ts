import type { LayerTarget } from "../core/layer-target.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { Database, Row } from "./database.ts";
import type { StoreRoot, StoreRoots } from "./roots.ts";
import { insertion } from "./row.ts";

/** The packages of an environment, as its record names them: the digest of a lock, and its private trees. */
export interface RecordedPackages {
  readonly lock: string | null;
  readonly trees: readonly string[];
}

/**
 * What a change of an environment sets out to do. From what it says, what a killed process left half done is finished
 * or taken back, and what of the store it uses is kept: `lock` is the digest of the lock whose packages it asks the
 * store for, `target` the interpreter that they are for.
 */
export type Intent =
  | { readonly kind: "create" | "repair"; readonly lock?: string; readonly target?: LayerTarget }
  /** With `to`: files of the environment were touched, towards these packages. */
  | { readonly kind: "change"; readonly lock?: string; readonly to?: RecordedPackages }
  /** `because`: why it goes by itself. */
  | { readonly kind: "destroy"; readonly because?: string };

/** A journal row: written before a change, removed after it. An environment has one at most. */
export type Begun = Intent & {
  readonly id: number;
  readonly environment: string;
  /** The process that makes the change. */
  readonly owner: ProcessIdentity;
  readonly createdAt: number;
};

/** The journal. */
export class Intents implements StoreRoots {
  readonly table = "intents";
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  begin(environment: string, intent: Intent, owner: ProcessIdentity): void {
    const { kind, ...payload } = intent;
    const row = { environment, kind, payload: JSON.stringify(payload), owner: JSON.stringify(owner) };
    this.#db.run(...insertion("intents", { ...row, created_at: Date.now() }));
  }

  /** Notes what an environment's intent has come to, or who sees to it now. */
  note(environment: string, intent: Intent, owner: ProcessIdentity): void {
    const { kind, ...payload } = intent;
    const values = [kind, JSON.stringify(payload), JSON.stringify(owner), environment];
    this.#db.run("UPDATE intents SET kind = ?, payload = ?, owner = ? WHERE environment = ?", ...values);
  }

  end(environment: string): void {
    this.#db.run("DELETE FROM intents WHERE environment = ?", environment);
  }

  list(): Begun[] {
    return this.#db.all("SELECT * FROM intents ORDER BY id").map((row) => toBegun(this.#db, row));
  }

  of(environment: string): Begun | undefined {
    const row = this.#db.get("SELECT * FROM intents WHERE environment = ?", environment);
    return row && toBegun(this.#db, row);
  }

  roots(): StoreRoot[] {
    return this.list().flatMap((intent) => {
      const { environment, lock, to, target } = { lock: undefined, to: undefined, target: undefined, ...intent };
      return [lock, to?.lock].flatMap((one) => (one ? [{ environment, lock: one, target }] : []));
    });
  }

  trees(environment: string): readonly string[] {
    const intent = this.of(environment);
    return intent?.kind === "change" ? (intent.to?.trees ?? []) : [];
  }
}

function toBegun(db: Database, row: Row): Begun {
  const intent = { ...db.json<object>(row.payload), kind: String(row.kind) } as Intent;
  return {
    ...intent,
    id: Number(row.id),
    environment: String(row.environment),
    owner: db.json<ProcessIdentity>(row.owner),
    createdAt: Number(row.created_at),
  };
}
