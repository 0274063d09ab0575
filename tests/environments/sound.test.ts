import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { locateConfig } from "../../src/config/locate.ts";
import { environmentLease } from "../../src/environments/context.ts";
import { REQUEST_KIND } from "../../src/environments/lifecycle/cached-request.ts";
import { requestKey } from "../../src/environments/lifecycle/request-key.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { selfIdentity } from "../../src/platform/identity.ts";
import { tryLease } from "../../src/platform/lease.ts";
import { statePaths } from "../../src/platform/paths.ts";
import { newestPython } from "../rig/rig.ts";
import { setUp } from "./setup.ts";

describe("an environment that is being created", () => {
  test("by a living process is neither changed nor removed by others", async () => {
    await using at = await setUp();
    const env = await at.skerry.create({ name: "young", keep: true });
    const ledger = new Ledger(join(at.rig.home, "state.db"));
    ledger.intents.begin(env.id, { kind: "create" }, selfIdentity());
    const lease = tryLease(statePaths(at.rig.home), environmentLease(env.id), "exclusive")!;
    expect(env.destroy()).rejects.toMatchObject({
      code: "SKE-ENV-BUSY",
      message: expect.stringContaining(String(process.pid)),
    });
    expect(env.packages.install(["gamma"])).rejects.toMatchObject({ code: "SKE-ENV-BUSY" });
    await expect(env.destroy()).rejects.toThrow();
    expect(existsSync(env.record.place)).toBe(true);
    ledger.intents.end(env.id);
    lease.release();
    ledger.close();
    expect(await env.destroy()).toBe(true);
  });

  test("by a process that died doesn't keep its name from a process that lives on", async () => {
    await using at = await setUp();
    const env = await at.skerry.create({ name: "taken", engine: "basic", keep: true });
    const ledger = new Ledger(join(at.rig.home, "state.db"));
    ledger.environments.update(env.id, { status: "creating" });
    ledger.intents.begin(env.id, { kind: "create" }, { ...selfIdentity(), start: "0" });
    ledger.close();
    expect((await at.skerry.create({ name: "taken", engine: "basic", keep: true })).id).not.toBe(env.id);
    expect(readdirSync(join(at.rig.home, "envs"))).toHaveLength(1);
  });
});

test("nothing runs in an environment that is gone, least of all another Python", async () => {
  await using at = await setUp();
  const env = await at.skerry.create({ keep: true });
  const other = await (await at.again()).open(env.id);
  await other.destroy();
  await expect(env.run(["python3", "-c", ""])).rejects.toMatchObject({ code: "SKE-ENV-NOT-FOUND" });
});

test("constraints go on counting when packages are changed", async () => {
  await using at = await setUp();
  const file = at.rig.write("constraints.txt", "beta<2\n");
  await using env = await at.skerry.create({ requirements: ["gamma"], constraints: ["constraints.txt"] });
  await env.packages.install(["beta"]);
  expect((await env.packages.list()).find((one) => one.name === "beta")?.version).toBe("1.0");
  expect((await at.skerry.open(env.id)).record.spec.packages.constraints).toEqual([file]);
  await env.packages.uninstall(["gamma"]);
  await env.packages.install(["gamma"]);
  expect((await env.packages.list()).find((one) => one.name === "beta")?.version).toBe("1.0");
});

describe("a cached environment", () => {
  test("whose files are gone is made again", async () => {
    await using at = await setUp();
    const before = await at.skerry.cached({ requirements: ["gamma"] });
    rmSync(before.record.place, { recursive: true, force: true });
    const after = await at.skerry.cached({ requirements: ["gamma"] });
    expect(after.id).not.toBe(before.id);
    expect((await after.run(["python", "-c", "import gamma"])).exitCode).toBe(0);
    expect(await at.skerry.list({ cached: true })).toHaveLength(1);
  });

  test("that hooks changed is not what others get, and a refusal counts every time", async () => {
    await using at = await setUp();
    const other = await at.again();
    const hook = at.skerry.hooks.add({
      on: "before-create",
      identity: "marks@1",
      ask: ({ spec }) => ({ change: { spec: { ...spec, variables: { MARKED: "yes" } } } }),
    });
    const hooked = await at.skerry.cached({ requirements: ["gamma"] });
    expect((await hooked.run(["sh", "-c", "echo $MARKED"])).stdout).toBe("yes\n");
    expect((await other.cached({ requirements: ["gamma"] })).id).not.toBe(hooked.id);
    hook[Symbol.dispose]();
    at.skerry.hooks.add({ on: "before-create", identity: "refuses@1", ask: () => ({ refuse: "no" }) });
    expect(at.skerry.cached({ requirements: ["gamma"] })).rejects.toMatchObject({ code: "SKE-HOOK-REFUSED" });
  });

  test("that flags of one process led to doesn't answer requests without them", async () => {
    await using at = await setUp();
    const flagged = await at.again({ flags: { variables: { FLAGGED: "yes" } } });
    const one = await flagged.cached({ requirements: ["gamma"] });
    const two = await at.skerry.cached({ requirements: ["gamma"] });
    expect(two.id).not.toBe(one.id);
  });

  test("is looked up anew when the versions that it rests on are old, however often it is asked for", async () => {
    await using at = await setUp();
    await at.skerry.cached({ requirements: ["gamma"] });
    using db = new Database(join(at.rig.home, "state.db"));
    db.run("UPDATE cache SET stored_at = stored_at - 20 * 3600 * 1000 WHERE kind = 'lock'");
    await at.skerry.cached({ requirements: ["gamma"] });
    const ages = db.query("SELECT stored_at FROM cache WHERE kind IN ('lock', ?)").values(REQUEST_KIND).flat();
    expect(ages).toHaveLength(2);
    expect(Math.abs(Number(ages[0]) - Number(ages[1]))).toBeLessThan(3600 * 1000);
  });

  test("can't have a name or a prefix of its own", async () => {
    await using at = await setUp();
    expect(at.skerry.cached({ prefix: ".venv" })).rejects.toMatchObject({ code: "SKE-USAGE" });
  });

  test("is asked for by another key when a relative path means another interpreter", async () => {
    await using at = await setUp();
    const keys = ["a", "b"].map((folder) => {
      const cwd = join(at.rig.cwd, folder);
      mkdirSync(cwd);
      symlinkSync(newestPython().path, join(cwd, "py"));
      return requestKey(
        { python: "./py", requirements: ["gamma"] },
        locateConfig({ cwd, env: at.rig.env }),
        at.rig.env,
      );
    });
    expect(keys[0]).not.toBe(keys[1]);
  });

  test("is asked for by another key when pyenv's global version is another", async () => {
    await using at = await setUp();
    const key = (options = {}) =>
      requestKey({ requirements: ["gamma"], ...options }, locateConfig({ cwd: at.rig.cwd, env: at.rig.env }), {
        ...at.rig.env,
        PYENV_ROOT: join(at.rig.cwd, "pyenv"),
      });
    const keys = ["3.11.2\n", "3.12.1\n"].map((version) => {
      at.rig.write("pyenv/version", version);
      return key();
    });
    expect(keys[0]).toBeString();
    expect(keys[0]).not.toBe(keys[1]);
  });
});

test("a copied project's .venv doesn't stand for the original's environment", async () => {
  await using at = await setUp();
  const env = await at.skerry.create({ prefix: "one/.venv", keep: true });
  cpSync(join(at.rig.cwd, "one"), join(at.rig.cwd, "two"), { recursive: true, verbatimSymlinks: true });
  const inTwo = await at.again({ cwd: join(at.rig.cwd, "two") });
  expect(inTwo.open(".")).rejects.toMatchObject({ code: "SKE-ENV-NOT-FOUND" });
  await env.destroy();
  expect(readdirSync(dirname(env.record.spec.prefix!))).toEqual([]);
});

test("a hook for a question that doesn't exist is refused", async () => {
  await using at = await setUp();
  expect(() => at.skerry.hooks.add({ on: "before-creat" as never, identity: "typo", ask: () => undefined })).toThrow(
    expect.objectContaining({ code: "SKE-USAGE" }),
  );
});

test("an environment of an engine that isn't there doesn't shut the others out", async () => {
  await using at = await setUp();
  const env = await at.skerry.create({ name: "odd", engine: "basic", keep: true });
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(join(at.rig.home, "state.db"));
  db.prepare("UPDATE environments SET engine = 'elsewhere', status = 'creating' WHERE id = ?").run(env.id);
  db.prepare(
    "INSERT INTO intents (environment, kind, payload, owner, created_at) VALUES (?, 'create', '{}', ?, 0)",
  ).run(env.id, JSON.stringify({ pid: 1, start: "0", boot: "x" }));
  db.close();
  const other = await at.again();
  await using mine = await other.create({ engine: "basic" });
  expect((await mine.run(["true"])).exitCode).toBe(0);
});
