import type { PackageChange, PackageOperation } from "../core/package-change.ts";
import type { RequirementsSpec } from "../core/spec.ts";
import type { Database, Row } from "./database.ts";
import type { StoreRoot, StoreRoots } from "./roots.ts";
import { insertion } from "./row.ts";

/** How many entries an environment keeps; the oldest go. */
const KEEP = 50;

/** What the packages of an environment were, or are, and how they came to be so. */
export interface HistoryEntry {
  /** Counted from 1 for each environment. After an undo, the next change takes the numbers of those that it drops. */
  readonly n: number;
  /** The environment is as this entry says. */
  readonly present: boolean;
  /** Digest of the lock; null for no packages at all. */
  readonly lock: string | null;
  /** Private trees, as in the environment's record. */
  readonly trees: readonly string[];
  /** What the environment's spec asked for. */
  readonly packages: RequirementsSpec;
  readonly operation: PackageOperation;
  /** What was asked, in the words of the command line. */
  readonly asked: string;
  /** What it did to the packages of the entry before it. */
  readonly change: PackageChange;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** ABI of the Python that the environment had then, such as `cpython-311`; null for the one that it has. */
  readonly python: string | null;
}

/** The table of what the packages of environments were: one present entry each, with what can be undone before it. */
export class History implements StoreRoots {
  readonly table = "history";
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Oldest first. */
  list(environment: string): HistoryEntry[] {
    return this.#db
      .all("SELECT * FROM history WHERE environment = ? ORDER BY n", environment)
      .map((row) => toEntry(this.#db, row));
  }

  /** Makes a state the present one; what was undone before is dropped, for it doesn't follow any more. */
  append(environment: string, entry: Omit<HistoryEntry, "n" | "present" | "createdAt" | "python">): void {
    const before = this.#db.get("SELECT n FROM history WHERE environment = ? AND present = 1", environment);
    const present = Number(before?.n ?? 0);
    this.#db.run(
      "DELETE FROM history WHERE environment = ? AND (n > ? OR n <= ?)",
      environment,
      present,
      present + 1 - KEEP,
    );
    this.#db.run("UPDATE history SET present = 0 WHERE environment = ? AND present = 1", environment);
    const row = {
      environment,
      n: present + 1,
      present: 1,
      lock: entry.lock,
      trees: JSON.stringify(entry.trees),
      packages: JSON.stringify(entry.packages),
      operation: entry.operation,
      asked: entry.asked,
      change: JSON.stringify(entry.change),
      created_at: Date.now(),
    };
    this.#db.run(...insertion("history", row));
  }

  /** Makes an entry the present one. @param trees its private trees now, for they may have been built again */
  moveTo(environment: string, n: number, trees: readonly string[]): void {
    this.#db.run("UPDATE history SET present = 0 WHERE environment = ? AND present = 1", environment);
    this.#db.run(
      "UPDATE history SET present = 1, python = NULL, trees = ? WHERE environment = ? AND n = ?",
      JSON.stringify(trees),
      environment,
      n,
    );
  }

  /** Notes that an environment gets another Python: for which one its entries were, and that those of the new one fit again. */
  changePython(environment: string, from: string, to: string): void {
    this.#db.run("UPDATE history SET python = ? WHERE environment = ? AND python IS NULL", from, environment);
    this.#db.run("UPDATE history SET python = NULL WHERE environment = ? AND python = ?", environment, to);
  }

  trees(environment: string): string[] {
    return this.#db
      .all("SELECT trees FROM history WHERE environment = ?", environment)
      .flatMap((row) => this.#db.json<string[]>(row.trees));
  }

  roots(): StoreRoot[] {
    return this.#db
      .all("SELECT DISTINCT environment, lock FROM history WHERE lock IS NOT NULL")
      .map((row) => ({ environment: String(row.environment), lock: String(row.lock) }));
  }
}

function toEntry(db: Database, row: Row): HistoryEntry {
  return {
    n: Number(row.n),
    present: row.present === 1,
    lock: row.lock === null ? null : String(row.lock),
    trees: db.json<string[]>(row.trees),
    packages: db.json<RequirementsSpec>(row.packages),
    operation: String(row.operation) as PackageOperation,
    asked: String(row.asked),
    change: db.json<PackageChange>(row.change),
    createdAt: Number(row.created_at),
    python: row.python === null ? null : String(row.python),
  };
}
