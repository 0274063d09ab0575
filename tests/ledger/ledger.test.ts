import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import type { EnvironmentRecord } from "../../src/core/environment.ts";
import type { SkerryError } from "../../src/core/error.ts";
import { EMPTY_LOCK } from "../../src/core/lock.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { APPLICATION, FORMAT, SCHEMA } from "../../src/ledger/schema.ts";
import { selfIdentity } from "../../src/platform/identity.ts";
import { entry, environmentIn } from "./rows.ts";

let folder: string;
let file: string;
let ledger: Ledger;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skerry-ledger-"));
  file = join(folder, "state.db");
  ledger = new Ledger(file);
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const environment = (id: string, change: Partial<EnvironmentRecord> = {}) => environmentIn(folder, id, change);
const self = { pid: process.pid, start: "1", boot: "b" };

describe("environments", () => {
  test("what goes in comes out, by id, name and cache key", () => {
    const named = environment("a1");
    const owner = { pid: 1, start: "2", boot: "3" };
    const cleanup = { on: "keep-on-failure", ttl: 5, idle: 6 } as const;
    const cached = environment("b2", { cacheKey: "k", name: "env-a1", pinned: true, cleanup, owner, failed: true });
    ledger.environments.insert(named);
    ledger.environments.insert(cached);
    expect(ledger.environments.byId("a1")).toEqual(named);
    expect(ledger.environments.byName("env-a1")).toEqual(named);
    expect(ledger.environments.byCacheKey("k")).toEqual(cached);
    expect(ledger.environments.list().map((one) => one.id)).toEqual(["a1"]);
    expect(ledger.environments.list({ cached: true }).map((one) => one.id)).toEqual(["b2"]);
  });

  test("two named environments can't have one name", () => {
    ledger.environments.insert(environment("a1", { name: "x" }));
    expect(() => ledger.environments.insert(environment("b2", { name: "x" }))).toThrow(/UNIQUE/);
  });

  test("an update changes what is given and nothing else", () => {
    const lock = ledger.locks.put(EMPTY_LOCK);
    ledger.environments.insert(environment("a1"));
    ledger.environments.update("a1", { status: "destroying", lock, trees: ["t"] });
    expect(ledger.environments.byId("a1")).toEqual({
      ...environment("a1"),
      status: "destroying",
      lock,
      trees: ["t"],
      updatedAt: expect.any(Number),
      usedAt: expect.any(Number),
    });
  });

  test("a use is written down at most once a minute", () => {
    const usedAt = () => ledger.environments.byId("a1")!.usedAt;
    const before = Date.now();
    ledger.environments.insert(environment("a1"));
    ledger.environments.use({ id: "a1", usedAt: usedAt() });
    const noted = usedAt();
    expect(noted).toBeGreaterThanOrEqual(before);
    ledger.environments.use({ id: "a1", usedAt: noted });
    expect(usedAt()).toBe(noted);
    ledger.environments.use({ id: "a1", usedAt: noted - 60_000 });
    expect(usedAt()).toBeGreaterThanOrEqual(noted);
  });

  test("the launch row is only there for an environment that is ready", () => {
    ledger.environments.insert(environment("a1", { name: "x" }));
    expect(ledger.environments.launch("name", "x")).toBeUndefined();
    ledger.environments.update("a1", { launch: { path: [] } });
    expect(ledger.environments.launch("name", "x")).toEqual({
      id: "a1",
      name: "x",
      launch: '{"path":[]}',
      usedAt: expect.any(Number),
    });
    ledger.environments.update("a1", { status: "destroying" });
    expect(ledger.environments.launch("name", "x")).toBeUndefined();
  });
});

describe("intents", () => {
  beforeEach(() => ledger.environments.insert(environment("a1")));

  test("an environment has one at most", () => {
    ledger.intents.begin("a1", { kind: "create" }, self);
    expect(() => ledger.intents.begin("a1", { kind: "destroy" }, self)).toThrow(/UNIQUE/);
  });

  test("what one has come to is noted, with the process that sees to it", () => {
    ledger.intents.begin("a1", { kind: "change", lock: "l1" }, self);
    expect(ledger.intents.of("a1")).toMatchObject({ environment: "a1", kind: "change", lock: "l1", owner: self });
    const to = { lock: null, trees: ["t1"] };
    ledger.intents.note("a1", { kind: "change", to }, { ...self, pid: 2 });
    expect(ledger.intents.list()).toEqual([
      { id: 1, environment: "a1", kind: "change", to, owner: { ...self, pid: 2 }, createdAt: expect.any(Number) },
    ]);
    ledger.intents.end("a1");
    expect(ledger.intents.list()).toEqual([]);
  });
});

describe("history", () => {
  const told = () => ledger.history.list("a1").map(({ n, asked, present }) => `${n} ${asked}${present ? " *" : ""}`);

  test("is bounded, drops what was undone, and goes with its environment", () => {
    ledger.environments.insert(environment("a1"));
    for (let i = 1; i <= 55; i++) ledger.history.append("a1", entry(`t${i}`));
    expect(told()).toHaveLength(50);
    expect(told().at(0)).toBe("6 t6");
    expect(told().at(-1)).toBe("55 t55 *");
    ledger.history.moveTo("a1", 53, ["t53"]);
    ledger.history.append("a1", entry("other"));
    expect(told()).toHaveLength(49);
    expect(told().slice(-2)).toEqual(["53 t53", "54 other *"]);
    expect(ledger.history.trees("a1")).toContain("other");
    expect(ledger.history.trees("a1")).not.toContain("t54");
    ledger.environments.delete("a1");
    expect(told()).toEqual([]);
  });
});

describe("processes", () => {
  beforeEach(() => ledger.environments.insert(environment("a1")));

  test("that have ended are forgotten when those that run are asked for", () => {
    ledger.processes.insert("a1", { kind: "local", ...selfIdentity(), cookie: "c" }, ["sleep"]);
    ledger.processes.insert("a1", { kind: "local", ...selfIdentity(), start: "0", cookie: "c" }, [
      "an earlier process of this pid",
    ]);
    expect(ledger.processes.running("b2")).toEqual([]);
    expect(ledger.processes.list("a1")).toHaveLength(2);
    expect(ledger.processes.running("a1").map((row) => row.command)).toEqual([["sleep"]]);
    expect(ledger.processes.list("a1")).toHaveLength(1);
  });
});

describe("rows of an environment", () => {
  const belonging = () =>
    ledger.db
      .all(
        `SELECT m.name AS name FROM sqlite_schema m, pragma_table_info(m.name) p
           WHERE m.type = 'table' AND p.name = 'environment' AND m.name <> 'events'`,
      )
      .map(({ name }) => String(name));

  test("go with it, and events stay", () => {
    for (const id of ["a1", "b2"]) {
      ledger.environments.insert(environment(id));
      ledger.intents.begin(id, { kind: "change" }, self);
      ledger.processes.insert(id, { kind: "local", ...selfIdentity(), cookie: "c" }, ["sleep"]);
      ledger.history.append(id, entry(id));
      ledger.events.append({
        kind: "process.exited",
        time: 1,
        data: { pid: 1, exitCode: 0, timedOut: false },
        environment: { id, name: id },
      });
    }
    const ids = (table: string) => ledger.db.all(`SELECT environment AS id FROM ${table}`).map(({ id }) => id);
    for (const table of belonging()) expect([table, ids(table)]).toEqual([table, ["a1", "b2"]]);
    ledger.environments.delete("a1");
    for (const table of belonging()) expect([table, ids(table)]).toEqual([table, ["b2"]]);
    expect(ids("events")).toEqual(["a1", "b2"]);
  });

  test("can't be there without it, whichever table they are in", () => {
    expect(belonging().sort()).toEqual(["history", "intents", "processes"]);
    expect(() => ledger.intents.begin("x", { kind: "create" }, self)).toThrow(/FOREIGN KEY/);
    expect(() => ledger.processes.insert("x", { kind: "local", ...selfIdentity(), cookie: "c" }, ["sleep"])).toThrow(
      /FOREIGN KEY/,
    );
    expect(() => ledger.history.append("x", entry("x"))).toThrow(/FOREIGN KEY/);
    for (const table of belonging())
      expect(ledger.db.all(`PRAGMA foreign_key_list(${table})`)).toContainEqual(
        expect.objectContaining({ table: "environments", from: "environment", on_delete: "CASCADE" }),
      );
  });
});

describe("events", () => {
  test("are read in order, filtered and limited to the newest", () => {
    for (let i = 1; i <= 5; i++)
      ledger.events.append({
        kind: "process.exited",
        time: i,
        data: { pid: i, exitCode: 0, timedOut: false },
        environment: { id: i % 2 ? "odd" : "even", name: "n" },
      });
    expect(ledger.events.list({ limit: 2 }).map((one) => one.time)).toEqual([4, 5]);
    expect(ledger.events.list({ environment: "odd", after: 1 }).map((one) => one.time)).toEqual([3, 5]);
    expect(ledger.events.list({ since: 4 }).map((one) => one.seq)).toEqual([4, 5]);
  });

  test("are kept up to a bound", () => {
    ledger.write(() => {
      for (let i = 0; i < 20_600; i++)
        ledger.events.append({
          kind: "environment.recovered",
          time: Date.now(),
          data: { from: "create", outcome: "taken back" },
        });
    });
    const kept = ledger.events.list();
    expect(kept.length).toBeLessThanOrEqual(20_600 - 500);
    expect(kept.at(-1)?.seq).toBe(20_600);
  });
});

describe("transactions", () => {
  test("a throw takes everything back", () => {
    expect(() =>
      ledger.write(() => {
        ledger.environments.insert(environment("a1"));
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(ledger.environments.list()).toEqual([]);
  });

  test("SIGKILL in the middle of one leaves the state before it", async () => {
    const script = `
      import { Ledger } from ${JSON.stringify(join(import.meta.dir, "../../src/ledger/ledger.ts"))};
      const ledger = new Ledger(${JSON.stringify(file)});
      ledger.cache.put("k", "before", 1);
      ledger.write(() => { ledger.cache.put("k", "during", 1); process.kill(process.pid, "SIGKILL"); });`;
    const child = spawn(process.execPath, ["-e", script], { stdio: "inherit" });
    await new Promise((done) => child.once("exit", done));
    expect(ledger.cache.get("k", "before")).toBeDefined();
    expect(ledger.cache.get("k", "during")).toBeUndefined();
  });

  test("many processes write at once and nothing is lost", async () => {
    const script = `
      import { Ledger } from ${JSON.stringify(join(import.meta.dir, "../../src/ledger/ledger.ts"))};
      const ledger = new Ledger(${JSON.stringify(file)});
      for (let i = 0; i < 50; i++) ledger.write(() => ledger.cache.put("n", process.pid + "-" + i, i));`;
    const children = Array.from({ length: 12 }, () => spawn(process.execPath, ["-e", script], { stdio: "inherit" }));
    const codes = await Promise.all(children.map((child) => new Promise((done) => child.once("exit", done))));
    expect(codes).toEqual(children.map(() => 0));
    expect(ledger.db.get("SELECT count(*) AS n FROM cache WHERE kind = 'n'")?.n).toBe(600);
  });
});

test("a recorded lock without packages isn't the lock that stands for none", () => {
  const key = ledger.locks.put(EMPTY_LOCK);
  expect(ledger.locks.get(key)).toEqual(EMPTY_LOCK);
  expect(ledger.locks.get(key)).not.toBe(EMPTY_LOCK);
});

describe("the log", () => {
  const log = () => statSync(`${file}-wal`).size;
  const reopened = () => {
    const opened = new Ledger(file);
    expect(opened.cache.get("n", "last")?.value).toBe("x".repeat(600_000));
    // Where it looked at a log, it still waits for others as long as before.
    expect(opened.db.get("PRAGMA busy_timeout")?.timeout).toBe(10_000);
    opened.close();
  };
  beforeEach(() => ledger.cache.put("n", "last", "x".repeat(600_000)));

  test("is emptied by the next to open when it is long, for nobody closes the last connection", () => {
    expect(log()).toBeGreaterThan(600_000);
    reopened();
    expect(log()).toBe(0);
  });

  test("is left to the next by the last process to end, for to write it back waits for the disk", () => {
    ledger.close();
    const source = (path: string) => JSON.stringify(join(import.meta.dir, "../../src", path));
    const script = `
      import { Ledger } from ${source("ledger/ledger.ts")};
      import { leaveLogs } from ${source("platform/write-ahead-log.ts")};
      new Ledger(${JSON.stringify(file)}).cache.put("n", "left", true);
      leaveLogs();
      process.exit(0);`;
    expect(spawnSync(process.execPath, ["-e", script], { stdio: "inherit" }).status).toBe(0);
    expect(log()).toBeGreaterThan(0);
    ledger = new Ledger(file);
    expect(ledger.cache.get("n", "left")?.value).toBe(true);
  });

  test("stays while another one reads", () => {
    const reader = new DatabaseSync(file);
    reader.exec("BEGIN; SELECT 1 FROM cache");
    reopened();
    expect(log()).toBeGreaterThan(600_000);
    reader.close();
  });
});

describe("the first to open it", () => {
  const source = JSON.stringify(join(import.meta.dirname, "../../src/ledger/ledger.ts"));
  const opened = (script: string) => `
    import { DatabaseSync } from "node:sqlite";
    import { Ledger } from ${source};
    ${script}
    process.stdout.write(new Ledger(process.argv[1]).homeId);`;

  test("are many at once: one makes the tables, and all have the same state", async () => {
    const path = join(folder, "new.db");
    const ids = Array.from({ length: 8 }, async () => {
      const child = spawn(process.execPath, ["-e", opened(""), path], { stdio: ["ignore", "pipe", "inherit"] });
      return await text(child.stdout);
    });
    const made = new Ledger(path);
    expect(await Promise.all(ids)).toEqual(Array(8).fill(made.homeId));
    expect(made.homeId).toMatch(/^[0-9a-f]{16}$/);
    expect(made.homeId).not.toBe(ledger.homeId);
    made.close();
  });

  test("is killed at any step: the next one makes what is missing", () => {
    for (let n = 1, killed = true; killed; n++) {
      expect(n).toBeLessThan(40);
      const path = join(folder, `killed-${n}.db`);
      const script = `
        let left = ${n};
        for (const name of ["exec", "prepare"]) {
          const own = DatabaseSync.prototype[name];
          DatabaseSync.prototype[name] = function (sql) {
            // Of many statements, the one that stands in the middle.
            const parts = name === "exec" ? sql.split(/;\\n\\n/) : [sql];
            for (const part of parts) {
              if (--left === 0) process.kill(process.pid, "SIGKILL");
              if (name === "exec") own.call(this, part);
            }
            return name === "exec" ? undefined : own.call(this, sql);
          };
        }`;
      const { status, signal } = spawnSync(process.execPath, ["-e", opened(script), path], {
        stdio: ["ignore", "ignore", "inherit"],
      });
      killed = signal === "SIGKILL";
      expect(killed || status === 0).toBe(true);
      if (n === 1) expect(killed).toBe(true);
      const next = new Ledger(path);
      expect(next.homeId).toMatch(/^[0-9a-f]{16}$/);
      next.environments.insert(environment("a1"));
      expect(next.db.get("SELECT count(*) AS n FROM meta")?.n).toBe(1);
      next.close();
    }
  });
});

describe("what is wrong with the file", () => {
  const fresh = () => new Ledger(join(folder, "other.db"));

  test("garbage is refused, and left as it is", () => {
    writeFileSync(join(folder, "other.db"), "this is no database, but long enough to be looked at ".repeat(100));
    expect(fresh).toThrow(
      expect.objectContaining({ code: "SKE-STATE-CORRUPT", hint: expect.stringContaining("move") }),
    );
  });

  const marked = (application: number, format: number, sql = "") => {
    const db = new DatabaseSync(join(folder, "other.db"));
    db.exec(`${sql}; PRAGMA application_id = ${application}; PRAGMA user_version = ${format}`);
    db.close();
  };

  test("a newer schema is refused", () => {
    marked(APPLICATION, FORMAT + 1, SCHEMA);
    expect(fresh).toThrow(expect.objectContaining({ code: "SKE-STATE-NEWER" }));
  });

  test.each([
    ["a ledger without the mark of a format", 0, FORMAT, SCHEMA],
    ["one that counted its formats before there was the mark", 0, 7, SCHEMA],
    ["a database of something else", 0, 0, "CREATE TABLE locks (x); INSERT INTO locks VALUES (1)"],
    ["one that something else has marked", 7, FORMAT, SCHEMA],
    ["an empty one that something else has marked", 7, 0, ""],
  ])("%s is refused, and left as it is", (_, application, format, sql) => {
    marked(application, format, sql);
    const content = () => {
      const db = new DatabaseSync(join(folder, "other.db"), { readOnly: true });
      const get = (query: string) => db.prepare(query).all();
      const tables = get("SELECT name, sql FROM sqlite_schema ORDER BY name");
      const rows = get("SELECT count(*) FROM sqlite_schema");
      const marks = [get("PRAGMA application_id"), get("PRAGMA user_version")];
      db.close();
      return { tables, rows, marks };
    };
    const before = content();
    expect(fresh).toThrow(expect.objectContaining({ code: "SKE-STATE-OLDER", hint: expect.stringContaining("mv ") }));
    expect(content()).toEqual(before);
  });

  test("the line that moves an older one away can be typed as it is, whatever its folder is called", () => {
    const home = join(folder, "it's `here` $HOME");
    mkdirSync(home);
    new DatabaseSync(join(home, "state.db")).exec("PRAGMA user_version = 3; CREATE TABLE locks (x)");
    const hint = (() => {
      try {
        new Ledger(join(home, "state.db")).close();
      } catch (error) {
        return (error as SkerryError).hint;
      }
    })();
    const [, line = ""] = /: (mv .*); or name/.exec(hint ?? "") ?? [];
    expect(spawnSync("sh", ["-euc", line], { stdio: "inherit" }).status).toBe(0);
    expect([existsSync(home), existsSync(join(`${home}.old`, "state.db"))]).toEqual([false, true]);
    mkdirSync(home);
    new Ledger(join(home, "state.db")).close();
  });

  test("a folder that isn't there is an I/O error with a hint", () => {
    expect(() => new Ledger(join(folder, "gone", "state.db"))).toThrow(expect.objectContaining({ code: "SKE-IO" }));
  });
});
