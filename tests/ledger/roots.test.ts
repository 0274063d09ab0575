import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EMPTY_LOCK } from "../../src/core/lock.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { selfIdentity } from "../../src/platform/identity.ts";
import { entry, environmentIn } from "./rows.ts";

let folder: string;
let ledger: Ledger;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skerry-roots-"));
  ledger = new Ledger(join(folder, "state.db"));
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Tables whose rows keep nothing of the store, whatever they say of it. */
const KEEPS_NOTHING = ["cache", "events", "locks", "meta", "processes", "trust"];

/** Tables that the list which collection goes by may have forgotten, and why. */
function forgotten({ db, keeping }: Ledger): string[] {
  const taking = keeping.map(({ table }) => table);
  const tables = db.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
  return tables.flatMap(({ name }) => {
    const table = String(name);
    if (taking.includes(table)) return [];
    const columns = db.all(`PRAGMA table_info(${table})`).map((column) => String(column.name));
    const naming = columns.filter((column) => /(^|_)(locks?|trees?|layers?)$/.test(column));
    if (db.all(`PRAGMA foreign_key_list(${table})`).some((key) => key.table === "locks")) naming.push("a reference");
    if (naming.length > 0) return [`${table} has ${naming.join(", ")}`];
    return KEEPS_NOTHING.includes(table) ? [] : [`${table} is in neither list`];
  });
}

test("every table that names locks or trees is in the list that collection goes by", () => {
  expect(forgotten(ledger)).toEqual([]);
});

test("a table that isn't in the list is found, by its columns, its references, or as new", () => {
  ledger.db.run("CREATE TABLE snapshots (name TEXT, lock TEXT)");
  ledger.db.run("CREATE TABLE pool (digest TEXT REFERENCES locks (digest))");
  ledger.db.run("CREATE TABLE captures (body TEXT)");
  ledger.db.run("ALTER TABLE processes ADD COLUMN own_trees TEXT");
  expect(forgotten(ledger).sort()).toEqual([
    "captures is in neither list",
    "pool has a reference",
    "processes has own_trees",
    "snapshots has lock",
  ]);
});

/** For each table of the list, how a row of it comes to name a lock and a private tree. */
const NAMING: Record<string, (id: string, lock: string, trees: string[]) => void> = {
  environments: (id, lock, trees) => void ledger.environments.update(id, { lock, trees }),
  history: (id, lock, [tree = ""]) => ledger.history.append(id, entry(tree, lock)),
  intents: (id, lock, trees) => ledger.intents.begin(id, { kind: "change", to: { lock, trees } }, selfIdentity()),
};

test("each table of the list names what its rows keep", () => {
  expect(Object.keys(NAMING)).toEqual(ledger.keeping.map(({ table }) => table));
  const expected = Object.entries(NAMING).map(([table, name]) => {
    const lock = ledger.locks.put({ ...EMPTY_LOCK, roots: [table] });
    ledger.environments.insert(environmentIn(folder, table));
    name(table, lock, [`tree of ${table}`]);
    expect(ledger.treesOf(table)).toEqual([`tree of ${table}`]);
    return { environment: table, lock };
  });
  expect(ledger.roots().map(({ environment, lock }) => ({ environment, lock }))).toEqual(expected);
  expect(ledger.locks.deleteOthers(ledger.roots().map(({ lock }) => lock))).toBe(0);
});

test("an intent keeps what it leads to, and what it asks the store for, for its own interpreter", () => {
  const target = { abi: "cpython-313", platform: "linux" } as never;
  for (const id of ["a1", "b2", "c3"]) ledger.environments.insert(environmentIn(folder, id));
  ledger.intents.begin("a1", { kind: "create", lock: "l1", target }, selfIdentity());
  ledger.intents.begin("b2", { kind: "change", lock: "l2", to: { lock: "l3", trees: ["t"] } }, selfIdentity());
  ledger.intents.begin("c3", { kind: "destroy" }, selfIdentity());
  expect(ledger.intents.roots()).toEqual([
    { environment: "a1", lock: "l1", target },
    { environment: "b2", lock: "l2" },
    { environment: "b2", lock: "l3" },
  ]);
});
