import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../../src/index.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { statePaths } from "../../src/platform/paths.ts";
import { listLayers, listTrees } from "../../src/store/upkeep.ts";
import { type Setup, setUp } from "./setup.ts";

const DAY = 86_400_000;

let s: Setup;
/** A test with a setup of its own. */
const on = (work: () => Promise<void>) => async () => {
  await using own = await setUp();
  s = own;
  await work();
};

const paths = () => statePaths(s.rig.home);
const trees = () => listTrees(paths()).map((one) => `${one.name} ${one.version}`);
const cached = (...requirements: string[]) => s.skerry.cached({ requirements });
const cachedIds = async () => (await s.skerry.list({ cached: true })).map((one) => one.id);

/** Makes environments, and all of the store, look as if they had last been used so many days ago. */
function age(days: number, ...environments: Environment[]): void {
  const ledger = new Ledger(paths().db);
  const at = Date.now() - days * DAY;
  for (const { id } of environments) ledger.db.run("UPDATE environments SET used_at = ? WHERE id = ?", at, id);
  ledger.close();
  for (const kind of ["trees", "layers"]) {
    for (const name of readdirSync(join(paths().store, kind)).filter((one) => one.endsWith(".json")))
      utimesSync(join(paths().store, kind, name), at / 1000, at / 1000);
  }
}

describe("collection by age", () => {
  test(
    "takes a cached environment, its layer and its packages, and says what that frees",
    on(async () => {
      const one = await cached("alpha");
      expect((await s.skerry.gc()).collected).toEqual([]);
      age(31, one);
      const would = await s.skerry.gc({ dryRun: true });
      expect(would.collected.map(({ kind, name, why }) => `${kind} ${name} ${why}`)).toEqual([
        `environment ${one.name} age`,
        "layer a layer of 2 packages age",
        expect.stringMatching(/^tree (alpha|beta)==2.0 age$/),
        expect.stringMatching(/^tree (alpha|beta)==2.0 age$/),
      ]);
      expect(trees()).toEqual(expect.arrayContaining(["alpha 2.0", "beta 2.0"]));
      const did = await s.skerry.gc();
      expect(did.collected.map((each) => each.id).sort()).toEqual(would.collected.map((each) => each.id).sort());
      expect(did.bytes).toBe(would.bytes);
      expect(did.bytes).toBeGreaterThan(4096);
      expect({ cached: await cachedIds(), trees: trees(), layers: listLayers(paths()) }).toEqual({
        cached: [],
        trees: [],
        layers: [],
      });
      for (const folder of [paths().tmp, paths().envs, `${paths().store}/trees`, `${paths().store}/layers`])
        expect(readdirSync(folder)).toEqual([]);
      expect((await s.skerry.events.list({})).findLast((event) => event.kind === "store.collected")?.data).toEqual({
        environments: 1,
        layers: 1,
        trees: 2,
        bytes: did.bytes,
      });
      // And all of it can be had again.
      expect((await (await cached("alpha")).run(["python", "-c", "import alpha"])).exitCode).toBe(0);
    }),
  );

  test(
    "leaves what environments have, however old, and what was used since",
    on(async () => {
      const thin = await s.skerry.create({ name: "thin", mode: "thin", requirements: ["alpha==1.0", "beta==1.0"] });
      const full = await s.skerry.create({ name: "full", requirements: ["gamma"] });
      const young = await cached("beta==2.0");
      age(90, thin, full);
      expect((await s.skerry.gc()).collected).toEqual([]);
      expect(trees().sort()).toEqual(["alpha 1.0", "beta 1.0", "beta 2.0", "gamma 1.0"]);
      await full.destroy();
      await thin.destroy();
      // Young only by its environment, for which nobody looked into the store.
      age(90);
      expect((await s.skerry.gc()).collected.map((one) => one.name).sort()).toEqual([
        "a layer of 2 packages",
        "alpha==1.0",
        "beta==1.0",
        "gamma==1.0",
      ]);
      await young.destroy();
      expect((await s.skerry.gc()).collected).toEqual([]);
      expect((await s.skerry.gc({ maxAgeMs: 0 })).collected.map((one) => one.kind)).toEqual(["layer", "tree"]);
    }),
  );

  test(
    "leaves the packages of an environment of which its engine can't tell what they are for",
    on(async () => {
      const env = await s.skerry.create({ name: "thin", mode: "thin", requirements: ["alpha"] });
      await s.skerry.create({ name: "other", mode: "thin", requirements: ["gamma"] });
      const ledger = new Ledger(paths().db);
      ledger.environments.update(env.id, { state: null });
      ledger.close();
      await s.skerry.destroy("other");
      age(31);
      await s.skerry.gc();
      expect(trees().sort()).toEqual(["alpha 2.0", "beta 2.0"]);
      expect(listLayers(paths())).toHaveLength(1);
    }),
  );

  test(
    "frees nothing for files that somebody else links to",
    on(async () => {
      const full = await s.skerry.create({ name: "full", link: "hardlink", requirements: ["gamma"] });
      const other = join(s.rig.cwd, "other");
      const file = readdirSync(paths().store, { recursive: true, encoding: "utf8" }).find(
        (one) => one.endsWith("gamma.py") || one.endsWith("gamma/__init__.py"),
      )!;
      const { linkSync } = process.getBuiltinModule("node:fs");
      linkSync(join(paths().store, file), other);
      await full.destroy();
      const [tree] = listTrees(paths());
      const blocks = statSync(other).blocks * 512;
      const { bytes } = await s.skerry.gc({ maxAgeMs: 0, dryRun: true });
      process.getBuiltinModule("node:fs").rmSync(other);
      expect((await s.skerry.gc({ maxAgeMs: 0, dryRun: true })).bytes).toBe(bytes + blocks);
      expect(tree?.name).toBe("gamma");
    }),
  );

  test(
    "leaves an environment in which a command runs, one that is pinned, and one that was just asked for",
    on(async () => {
      const [running, pinned, asked] = [await cached("alpha"), await cached("beta"), await cached("gamma")];
      const command = await running.start(["sleep", "60"], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
      age(31, running, pinned);
      const ledger = new Ledger(paths().db);
      ledger.environments.update(pinned.id, { pinned: true });
      ledger.close();
      age(31, running, pinned);
      expect((await s.skerry.gc({ maxAgeMs: 0 })).collected).toEqual([]);
      expect((await cachedIds()).sort()).toEqual([running.id, pinned.id, asked.id].sort());
      await command.stop({ graceMs: 0 });
      await command.exit;
      expect((await s.skerry.gc()).collected.map((one) => one.id)).toContain(running.id);
      expect(await cachedIds()).not.toContain(running.id);
    }),
  );

  test(
    "leaves what a hook refuses to have removed",
    on(async () => {
      const one = await cached("gamma");
      age(31, one);
      using _no = s.skerry.hooks.add({ on: "before-destroy", identity: "no", ask: async () => ({ refuse: "mine" }) });
      const { skipped } = await s.skerry.gc();
      expect(skipped).toMatchObject([
        { kind: "environment", reason: expect.stringContaining("mine") },
        { kind: "layer", reason: "is in use" },
        { kind: "tree", reason: "is in use" },
      ]);
      expect((await one.run(["python", "-c", "import gamma"])).exitCode).toBe(0);
    }),
  );
});

test(
  "what an environment can be brought back to stays",
  on(async () => {
    const one = await s.skerry.create({ name: "one", mode: "thin", requirements: ["alpha==1.0", "beta==1.0"] });
    await one.packages.install(["alpha==2.0", "beta==2.0"]);
    age(90, one);
    expect((await s.skerry.gc({ maxAgeMs: 0 })).collected).toEqual([]);
    expect(trees().sort()).toEqual(["alpha 1.0", "alpha 2.0", "beta 1.0", "beta 2.0"]);
    await s.index[Symbol.asyncDispose]();
    await one.packages.undo();
    expect((await one.run(["alpha"])).stdout).toBe("alpha 1.0\n");
    await one.destroy();
  }),
);

test(
  "environments whose time has come go, with names or without",
  on(async () => {
    const one = await s.skerry.create({ name: "one", keep: true, ttlMs: 600_000 });
    await s.skerry.create({ name: "two", keep: true });
    expect((await s.skerry.gc()).collected).toEqual([]);
    const ledger = new Ledger(paths().db);
    ledger.db.run("UPDATE environments SET created_at = 0");
    ledger.close();
    const would = await s.skerry.gc({ dryRun: true });
    const did = await s.skerry.gc();
    expect(did.collected).toMatchObject([{ kind: "environment", id: one.id, name: "one", why: "expired" }]);
    expect(did).toEqual({ ...would, dryRun: false, lockFiles: did.lockFiles, rows: did.rows });
    expect((await s.skerry.list()).map((each) => each.name)).toEqual(["two"]);
  }),
);

test(
  "collection by size takes the least recently used first, until the rest fits",
  on(async () => {
    const [old, newer, newest] = [await cached("alpha==1.0"), await cached("beta==2.0"), await cached("gamma")];
    age(3, newest);
    age(4, newer);
    age(5, old);
    const { size } = await s.skerry.gc({ dryRun: true, maxBytes: 1e12 });
    expect((await s.skerry.gc({ maxBytes: size })).collected).toEqual([]);
    const { collected } = await s.skerry.gc({ maxBytes: size - 1 });
    expect(collected.filter((one) => one.kind === "environment").map((one) => one.id)).toEqual([old.id]);
    expect(collected.every((one) => one.why === "size")).toBe(true);
    expect((await s.skerry.gc({ maxBytes: 0 })).collected.filter((one) => one.kind === "environment")).toHaveLength(2);
    expect(trees()).toEqual([]);
  }),
);

test(
  "rows, lock files, replaced tools and strays go when they are old",
  on(async () => {
    await using kept = await s.skerry.create({ name: "kept", requirements: ["gamma"] });
    await (await s.skerry.create({ name: "gone", requirements: ["beta==1.0"], keep: true })).destroy();
    const ledger = new Ledger(paths().db);
    const count = (table: string) => Number(ledger.db.get(`SELECT count(*) AS n FROM ${table}`)?.n);
    ledger.db.run("UPDATE cache SET stored_at = stored_at - ?", 40 * DAY);
    ledger.processes.insert(kept.id, { kind: "local", pid: 1, start: "0", boot: "0", cookie: "" }, ["gone"]);
    expect(count("locks")).toBe(2);
    const folders = ["uv-0.0.1", "uv-0.0.2"].map((name) => join(paths().tools, name));
    for (const folder of folders) mkdirSync(folder);
    const stray = (name: string, days: number) => {
      const place = join(paths().envs, name.padEnd(20, "0"));
      for (const folder of ["venv", "work", "tmp"]) mkdirSync(join(place, folder), { recursive: true });
      for (const path of [place, join(place, "tmp")])
        utimesSync(path, Date.now() / 1000, Date.now() / 1000 - days * 86_400);
      return place;
    };
    const [old, young, used] = [stray("a", 40), stray("b", 2), stray("c", 40)];
    writeFileSync(join(used, "work", "mine"), "");
    utimesSync(folders[0]!, Date.now() / 1000, Date.now() / 1000 - 2 * 86_400);
    mkdirSync(join(paths().tmp, "trash-1"));
    const report = await s.skerry.gc();
    expect(report.collected.map(({ kind, name, why }) => ({ kind, name, why }))).toEqual([
      { kind: "tool", name: "uv-0.0.1", why: "replaced" },
      { kind: "folder", name: old, why: "unrecorded" },
    ]);
    expect(report.skipped).toMatchObject([{ kind: "folder", name: used, reason: expect.stringContaining("files") }]);
    expect([old, young, used, ...folders].map(existsSync)).toEqual([false, true, true, false, true]);
    expect({ locks: count("locks"), cache: count("cache"), processes: count("processes") }).toEqual({
      locks: 1,
      cache: 0,
      processes: 0,
    });
    expect(report.rows).toBeGreaterThan(1);
    expect(readdirSync(paths().tmp)).toEqual([]);
    // The lease of the collection itself is held while it sweeps.
    expect(readdirSync(paths().locks).filter((name) => name.endsWith(".lock"))).toEqual(["gc.lock"]);
    ledger.close();
    chmodSync(paths().tools, 0o700);
  }),
);

test(
  "making an environment collects once a day, unless it is told not to",
  on(async () => {
    const one = await cached("alpha");
    age(31, one);
    const due = () => {
      const ledger = new Ledger(paths().db);
      ledger.db.run("UPDATE cache SET stored_at = stored_at - ? WHERE kind = 'gc'", DAY);
      ledger.close();
    };
    const make = async (flags = {}) => {
      const skerry = await s.again({ flags });
      await using _made = await skerry.create();
    };
    await make();
    due();
    await make({ auto_gc: false });
    expect(await cachedIds()).toEqual([one.id]);
    await make();
    expect(await cachedIds()).toEqual([]);
  }),
);
