import { join } from "node:path";
import type { CleanupPolicy, EnvironmentRecord, EnvironmentStatus, Labels } from "../core/environment.ts";
import type { Json } from "../core/json.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { EnvironmentSpec } from "../core/spec.ts";
import type { Database, Row, Value } from "./database.ts";
import type { StoreRoot, StoreRoots } from "./roots.ts";
import { insertion } from "./row.ts";

const COLUMNS =
  "id, name, engine, status, spec, state, place, lock, trees, cache_key, created_at, updated_at, used_at, pinned, cleanup, owner, failed, labels";

/** What is recorded of an environment, and what the warm path starts it by. */
interface Stored extends EnvironmentRecord {
  readonly launch: Json;
}

type Change = "status" | "state" | "lock" | "trees" | "spec" | "launch" | "cacheKey" | "pinned" | "failed" | "labels";

/** True where a policy's time is over at the time that stands for both parameters. */
const OVER =
  "(created_at + json_extract(cleanup, '$.ttl') <= ? OR used_at + json_extract(cleanup, '$.idle') <= ?) IS TRUE";

/** How old the time of the last use may become before a start writes it anew, in milliseconds. */
const USED_MS = 60_000;

/** The table of environments. */
export class Environments implements StoreRoots {
  readonly table = "environments";
  readonly #db: Database;
  /** Folder of the places: where they are follows from it, for the state folder may have been moved or copied. */
  readonly #places: string;

  constructor(db: Database, places: string) {
    this.#db = db;
    this.#places = places;
  }

  insert(record: EnvironmentRecord): void {
    this.#db.run(...insertion("environments", toRow(record)));
  }

  byId(id: string): EnvironmentRecord | undefined {
    return this.#record(this.#db.get(`SELECT ${COLUMNS} FROM environments WHERE id = ?`, id));
  }

  byName(name: string): EnvironmentRecord | undefined {
    return this.#record(this.#db.get(`SELECT ${COLUMNS} FROM environments WHERE name = ? AND cache_key IS NULL`, name));
  }

  byCacheKey(key: string): EnvironmentRecord | undefined {
    return this.#record(this.#db.get(`SELECT ${COLUMNS} FROM environments WHERE cache_key = ?`, key));
  }

  /** Those whose id begins with `prefix` (of the id alphabet), at most `limit`. */
  byIdPrefix(prefix: string, limit: number): EnvironmentRecord[] {
    return this.#db
      .all(`SELECT ${COLUMNS} FROM environments WHERE id >= ? AND id < ? LIMIT ?`, prefix, `${prefix}~`, limit)
      .map((row) => this.#toRecord(row));
  }

  /** Oldest first: the named ones, or those behind `run --with`. */
  list(options: { readonly cached?: boolean } = {}): EnvironmentRecord[] {
    const which = options.cached ? "IS NOT NULL" : "IS NULL";
    return this.#db
      .all(`SELECT ${COLUMNS} FROM environments WHERE cache_key ${which} ORDER BY created_at, id`)
      .map((row) => this.#toRecord(row));
  }

  /** Where the place was when what names its path was written: elsewhere than now once the state folder was moved. */
  placeOf(id: string): string | undefined {
    const row = this.#db.get("SELECT place FROM environments WHERE id = ?", id);
    return row && String(row.place);
  }

  /** The processes that environments live for, each once. */
  owners(): ProcessIdentity[] {
    return this.#db
      .all("SELECT DISTINCT owner FROM environments WHERE cleanup <> '{}' AND owner IS NOT NULL")
      .map((row) => this.#db.json<ProcessIdentity>(row.owner));
  }

  /** Those whose time is over, and those that live for one of these processes, which have ended; oldest first. */
  mayGo(now: number, ended: readonly ProcessIdentity[]): EnvironmentRecord[] {
    return this.#db
      .all(
        `SELECT ${COLUMNS} FROM environments
           WHERE cleanup <> '{}' AND pinned = 0 AND status = 'ready'
             AND (failed = 0 AND owner IN (SELECT value FROM json_each(?)) OR ${OVER})
           ORDER BY created_at, id`,
        JSON.stringify(ended.map((owner) => JSON.stringify(owner))),
        now,
        now,
      )
      .map((row) => this.#toRecord(row));
  }

  /** Those that have a label of this name, oldest first. */
  labelled(name: string): EnvironmentRecord[] {
    return this.#db
      .all(`SELECT ${COLUMNS} FROM environments WHERE labels <> '{}' ORDER BY created_at, id`)
      .map((row) => this.#toRecord(row))
      .filter(({ labels }) => Object.hasOwn(labels, name));
  }

  roots(): StoreRoot[] {
    return this.#db
      .all("SELECT id, lock FROM environments WHERE lock IS NOT NULL")
      .map((row) => ({ environment: String(row.id), lock: String(row.lock) }));
  }

  trees(id: string): readonly string[] {
    return this.byId(id)?.trees ?? [];
  }

  /** Names of all named environments, for completions and suggestions. */
  names(): string[] {
    return this.#db
      .all("SELECT name FROM environments WHERE cache_key IS NULL ORDER BY name")
      .map((row) => String(row.name));
  }

  /** Changes what is given, a `place` as {@link placeOf} has it, and the times of change and use. @returns false when the environment isn't there */
  update(id: string, change: Partial<Pick<Stored, Change | "place">>): boolean {
    const now = Date.now();
    const row = toRow({ ...change, updatedAt: now, usedAt: now });
    const set = Object.keys(row).map((column) => `${column} = ?`);
    return (
      this.#db.run(`UPDATE environments SET ${set.join(", ")} WHERE id = ?`, ...Object.values(row), id).changes === 1
    );
  }

  /** The row that the warm path needs and nothing else; undefined unless the environment is ready, has time left isn't being changed and is where it was. */
  launch(where: "id" | "name", key: string): { id: string; name: string; launch: string; usedAt: number } | undefined {
    const only = where === "name" ? "name = ? AND cache_key IS NULL" : "id = ?";
    const now = Date.now();
    const row = this.#db.get(
      `SELECT id, name, launch, used_at FROM environments WHERE ${only} AND status = 'ready' AND launch IS NOT NULL
         AND place = ? || id AND NOT EXISTS (SELECT 1 FROM intents WHERE environment = environments.id)
         AND NOT (cleanup <> '{}' AND pinned = 0 AND ${OVER})`,
      key,
      `${this.#places}/`,
      now,
      now,
    );
    return (
      row && { id: String(row.id), name: String(row.name), launch: String(row.launch), usedAt: Number(row.used_at) }
    );
  }

  /** Notes that something is started in an environment; writes only when the time that is known is older than a minute. */
  use({ id, usedAt }: Pick<EnvironmentRecord, "id" | "usedAt">): void {
    const now = Date.now();
    if (now - usedAt >= USED_MS) this.#db.note("UPDATE environments SET used_at = ? WHERE id = ?", now, id);
  }

  /** Deletes an environment, and with it all that the ledger knows of it but events. */
  delete(id: string): void {
    this.#db.run("DELETE FROM environments WHERE id = ?", id);
  }

  #record(row: Row | undefined): EnvironmentRecord | undefined {
    return row && this.#toRecord(row);
  }

  #toRecord(row: Row): EnvironmentRecord {
    return toRecord(this.#db, row, this.#places);
  }
}

/** The columns of what is given. */
function toRow(given: Partial<Stored>): Record<string, Value> {
  const { pinned, failed, owner } = given;
  const columns = {
    id: given.id,
    name: given.name,
    engine: given.engine,
    status: given.status,
    spec: JSON.stringify(given.spec),
    state: JSON.stringify(given.state),
    place: given.place,
    lock: given.lock,
    trees: JSON.stringify(given.trees),
    cache_key: given.cacheKey,
    launch: JSON.stringify(given.launch),
    created_at: given.createdAt,
    updated_at: given.updatedAt,
    used_at: given.usedAt,
    pinned: pinned === undefined ? undefined : Number(pinned),
    cleanup: JSON.stringify(given.cleanup),
    owner: owner && JSON.stringify(owner),
    failed: failed === undefined ? undefined : Number(failed),
    labels: JSON.stringify(given.labels),
  };
  return Object.fromEntries(Object.entries(columns).filter((one): one is [string, Value] => one[1] !== undefined));
}

function toRecord(db: Database, row: Row, places: string): EnvironmentRecord {
  const id = String(row.id);
  return {
    id,
    name: String(row.name),
    engine: String(row.engine),
    status: String(row.status) as EnvironmentStatus,
    spec: db.json<EnvironmentSpec>(row.spec),
    state: db.json<Json>(row.state),
    place: join(places, id),
    lock: row.lock === null ? null : String(row.lock),
    trees: db.json<string[]>(row.trees),
    cacheKey: row.cache_key === null ? null : String(row.cache_key),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    usedAt: Number(row.used_at),
    pinned: row.pinned === 1,
    cleanup: db.json<CleanupPolicy>(row.cleanup),
    owner: row.owner === null ? null : db.json<ProcessIdentity>(row.owner),
    failed: row.failed === 1,
    labels: db.json<Labels>(row.labels),
  };
}
