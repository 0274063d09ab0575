import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { EnvironmentRecord } from "../../src/core/environment.ts";
import { EMPTY_LOCK } from "../../src/core/lock.ts";
import { EMPTY_REQUIREMENTS } from "../../src/core/spec.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { MIGRATIONS } from "../../src/ledger/schema.ts";
import { selfIdentity } from "../../src/platform/identity.ts";

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

const self = { pid: process.pid, start: "1", boot: "b" };

function environment(id: string, change: Partial<EnvironmentRecord> = {}): EnvironmentRecord {
  return {
    id,
    name: `env-${id}`,
    engine: "basic",
    status: "ready",
    spec: {
      name: id,
      engine: "basic",
      packages: EMPTY_REQUIREMENTS,
      mode: "full",
      link: "auto",
      installer: "auto",
      systemSitePackages: false,
      home: "user",
      tmp: "own",
      variables: {},
    },
    state: { n: 1 },
    place: join(folder, "envs", id),
    lock: null,
    trees: [],
    cacheKey: null,
    createdAt: 1,
    updatedAt: 1,
    usedAt: 1,
    pinned: false,
    cleanup: {},
    owner: null,
    failed: false,
    labels: { team: "data" },
    ...change,
  };
}

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
  const entry = (asked: string) => ({
    lock: null,
    trees: [asked],
    packages: EMPTY_REQUIREMENTS,
    operation: "install" as const,
    asked,
    change: { added: [], removed: [], changed: [] },
  });
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

  test("names the locks that it can bring back", () => {
    ledger.environments.insert(environment("a1"));
    const lock = ledger.locks.put(EMPTY_LOCK);
    ledger.history.append("a1", { ...entry("x"), lock });
    ledger.history.append("a1", { ...entry("y"), lock });
    expect(ledger.history.locks()).toEqual([{ id: "a1", lock }]);
  });
});

describe("processes", () => {
  test("that have ended are forgotten when those that run are asked for", () => {
    ledger.processes.insert("a1", { ...selfIdentity(), cookie: "c" }, ["sleep"]);
    ledger.processes.insert("a1", { ...selfIdentity(), start: "0", cookie: "c" }, ["an earlier process of this pid"]);
    expect(ledger.processes.running("b2")).toEqual([]);
    expect(ledger.processes.list("a1")).toHaveLength(2);
    expect(ledger.processes.running("a1").map((row) => row.command)).toEqual([["sleep"]]);
    expect(ledger.processes.list("a1")).toHaveLength(1);
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

describe("what is wrong with the file", () => {
  const fresh = () => new Ledger(join(folder, "other.db"));

  test("garbage is refused, and left as it is", () => {
    writeFileSync(join(folder, "other.db"), "this is no database, but long enough to be looked at ".repeat(100));
    expect(fresh).toThrow(
      expect.objectContaining({ code: "SKE-STATE-CORRUPT", hint: expect.stringContaining("move") }),
    );
  });

  test("a newer schema is refused", () => {
    const db = new DatabaseSync(join(folder, "other.db"));
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    db.close();
    expect(fresh).toThrow(expect.objectContaining({ code: "SKE-STATE-NEWER" }));
  });

  test("a folder that isn't there is an I/O error with a hint", () => {
    expect(() => new Ledger(join(folder, "gone", "state.db"))).toThrow(expect.objectContaining({ code: "SKE-IO" }));
  });

  test("environments from before there was a history get one that begins with what they hold", () => {
    const path = join(folder, "old.db");
    const old = new DatabaseSync(path);
    old.exec(MIGRATIONS[0]!);
    old.exec("PRAGMA user_version = 1");
    const lock = {
      ...EMPTY_LOCK,
      packages: [
        { name: "a", version: "1" },
        { name: "b", version: null },
      ],
    };
    old.prepare("INSERT INTO locks VALUES ('d', ?, 1)").run(JSON.stringify(lock));
    const { spec } = environment("a1");
    const insert = old.prepare(
      "INSERT INTO environments VALUES (?, ?, 'virtualenv', ?, ?, 'null', '/', ?, ?, ?, NULL, 5, 6)",
    );
    const asked = { ...EMPTY_REQUIREMENTS, constraints: ["/c.txt"] };
    insert.run("full", "full", "ready", JSON.stringify({ ...spec, packages: asked }), "d", '["t"]', null);
    insert.run("none", "none", "ready", JSON.stringify(spec), null, "[]", null);
    insert.run("cached", "cached", "ready", JSON.stringify(spec), "d", "[]", "key");
    old.close();
    const opened = new Ledger(path);
    const nothing = { added: [], removed: [], changed: [] };
    const added = [
      { name: "a", version: "1" },
      { name: "b", version: null },
    ];
    const first = { n: 1, present: true, operation: "create", asked: "", createdAt: 5, python: null } as const;
    expect(opened.history.list("full")).toEqual([
      { ...first, lock: "d", trees: ["t"], packages: asked, change: { ...nothing, added } },
    ]);
    expect(opened.history.list("none")).toEqual([
      { ...first, lock: null, trees: [], packages: EMPTY_REQUIREMENTS, change: nothing },
    ]);
    expect(opened.history.list("cached")).toEqual([]);
    opened.close();
  });

  test("changes that were kept as lines become objects, in the history and in events", () => {
    const path = join(folder, "lines.db");
    const old = new DatabaseSync(path);
    for (const migration of MIGRATIONS.slice(0, 6)) old.exec(migration);
    old.exec("PRAGMA user_version = 6");
    const { id, name, engine, status, spec, place } = environment("a1");
    old
      .prepare(
        "INSERT INTO environments (id, name, engine, status, spec, state, place, trees, created_at, updated_at) VALUES (?, ?, ?, ?, ?, '{}', ?, '[]', 5, 7)",
      )
      .run(id, name, engine, status, JSON.stringify(spec), place);
    const lines = { added: ["click 7.1.2", "here ?"], removed: ["six 1"], changed: ["a 1 → 2", "b ? → 2", "c 1 → ?"] };
    const relaxed = [{ from: "six<1", to: "six<2" }];
    old
      .prepare("INSERT INTO history VALUES (?, 1, 1, NULL, '[]', ?, 'install', 'click', ?, 5, NULL)")
      .run(id, JSON.stringify(EMPTY_REQUIREMENTS), JSON.stringify({ ...lines, relaxed }));
    const tell = old.prepare("INSERT INTO events (time, kind, data) VALUES (5, ?, ?)");
    tell.run("packages.changed", JSON.stringify({ operation: "install", ...lines }));
    tell.run("environment.repaired", JSON.stringify({ faults: [] }));
    old.close();
    const opened = new Ledger(path);
    const change = {
      added: [
        { name: "click", version: "7.1.2" },
        { name: "here", version: null },
      ],
      removed: [{ name: "six", version: "1" }],
      changed: [
        { name: "a", from: "1", to: "2" },
        { name: "b", from: null, to: "2" },
        { name: "c", from: "1", to: null },
      ],
    };
    expect(opened.history.list(id)[0]!.change).toEqual({ ...change, relaxed });
    expect(opened.events.list().map(({ data }) => data)).toEqual([{ operation: "install", ...change }, { faults: [] }]);
    opened.close();
  });

  test("every released schema is brought up to date", () => {
    for (let from = 0; from <= MIGRATIONS.length; from++) {
      const path = join(folder, `from-${from}.db`);
      const old = new DatabaseSync(path);
      for (const migration of MIGRATIONS.slice(0, from)) old.exec(migration);
      old.exec(`PRAGMA user_version = ${from}`);
      old.close();
      const opened = new Ledger(path);
      opened.environments.insert(environment("a1"));
      expect(opened.environments.list()).toHaveLength(1);
      opened.close();
    }
  });

  test("an environment of the first schema was last used when it was last changed, and never goes by itself", () => {
    const path = join(folder, "first.db");
    const old = new DatabaseSync(path);
    old.exec(MIGRATIONS[0]!);
    const { id, name, engine, status, spec, place } = environment("a1");
    old
      .prepare(
        "INSERT INTO environments (id, name, engine, status, spec, state, place, trees, created_at, updated_at) VALUES (?, ?, ?, ?, ?, '{}', ?, '[]', 5, 7)",
      )
      .run(id, name, engine, status, JSON.stringify(spec), place);
    old.exec("PRAGMA user_version = 1");
    old.close();
    const opened = new Ledger(path);
    expect(opened.environments.byId("a1")).toMatchObject({
      usedAt: 7,
      pinned: false,
      cleanup: {},
      owner: null,
      failed: false,
    });
    opened.close();
  });
});
