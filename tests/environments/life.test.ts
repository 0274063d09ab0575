import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { EnvironmentRecord } from "../../src/core/environment.ts";
import type { CreateOptions } from "../../src/index.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { selfIdentity } from "../../src/platform/identity.ts";
import { type Setup, setUp } from "./setup.ts";

describe("the time that an environment may be idle", () => {
  const idle = async (at: Setup, command: string) => {
    const env = await at.skerry.create({ name: "api", engine: "basic", keep: true, idleMs: 3_600_000 });
    const running = await env.start(["sh", "-c", command]);
    const ledger = new Ledger(join(at.rig.home, "state.db"));
    const pass = () => ledger.db.run("UPDATE environments SET used_at = used_at - ?", 7_200_000);
    return { running, pass, ledger, [Symbol.dispose]: () => ledger.close() };
  };

  test("counts from the end of the last command, however long that took", async () => {
    await using at = await setUp();
    using api = await idle(at, "sleep 60");
    api.pass();
    await api.running.stop({ graceMs: 0 });
    await at.again();
    expect(await at.skerry.list()).toHaveLength(1);
    api.pass();
    await at.again();
    expect(await at.skerry.list()).toEqual([]);
  });

  test("counts from when the end was seen, where nobody waited for it", async () => {
    await using at = await setUp();
    using api = await idle(at, "true");
    await api.running.exit;
    const { id } = api.ledger.environments.byName("api")!;
    // As the row of a process that replaced skerry's own program stays.
    api.ledger.processes.insert(id, { kind: "local", ...selfIdentity(), start: "0", cookie: "c" }, ["train"]);
    api.pass();
    await at.again();
    expect(await at.skerry.list()).toHaveLength(1);
    api.pass();
    await at.again();
    expect(await at.skerry.list()).toEqual([]);
  });
});

describe("an environment made by the library", () => {
  test("runs commands, and is gone at the end of its scope", async () => {
    await using at = await setUp();
    let record: EnvironmentRecord;
    {
      await using env = await at.skerry.create({ requirements: ["alpha"] });
      record = env.record;
      const { stdout } = await env.run(["python", "-c", "import alpha, beta; print(alpha.VERSION, beta.VERSION)"]);
      expect(stdout).toBe("2.0 2.0\n");
      expect(await at.skerry.list()).toHaveLength(1);
    }
    expect(await at.skerry.list()).toEqual([]);
    expect(existsSync(record.place)).toBe(false);
  });

  test("stays when it is to be kept, and opens again by name, id and a beginning of the id", async () => {
    await using at = await setUp();
    {
      await using _ = await at.skerry.create({ name: "kept", engine: "basic", keep: true });
    }
    const env = await at.skerry.open("kept");
    expect((await at.skerry.open(env.id)).name).toBe("kept");
    expect((await at.skerry.open(env.id.slice(0, 10))).name).toBe("kept");
    expect((await at.skerry.find("kept")).status).toBe("ready");
  });

  test("is told from those with a near name", async () => {
    await using at = await setUp();
    await at.skerry.create({ name: "service", engine: "basic", keep: true });
    expect(at.skerry.open("servcie")).rejects.toMatchObject({
      code: "SKE-ENV-NOT-FOUND",
      hint: "did you mean service?",
    });
    const other = await at.skerry.create({ name: "other", engine: "basic", keep: true });
    const shared = other.id.slice(0, 5);
    expect(at.skerry.open(shared)).rejects.toMatchObject({
      code: "SKE-ENV-AMBIGUOUS",
      message: expect.stringContaining("service"),
    });
  });

  test("can't take a name that is taken, and nothing changes", async () => {
    await using at = await setUp();
    await at.skerry.create({ name: "api", engine: "basic", keep: true });
    expect(at.skerry.create({ name: "api" })).rejects.toMatchObject({ code: "SKE-ENV-EXISTS" });
    expect(readdirSync(join(at.rig.home, "envs"))).toHaveLength(1);
  });

  test("isn't begun when what is asked for can't be", async () => {
    await using at = await setUp();
    for (const [options, code] of [
      [{ requirements: ["no-such-package"] }, "SKE-PKG-NOT-FOUND"],
      [{ requirements: ["alpha==9"] }, "SKE-PKG-VERSION"],
      [{ requirements: ["alpha==2.0", "beta<2"] }, "SKE-PKG-CONFLICT"],
      [{ python: "3.99" }, "SKE-PYTHON-NOT-FOUND"],
      [{ engine: "vm" }, "SKE-ENGINE-UNKNOWN"],
      [{ engine: "basic", requirements: ["alpha"] }, "SKE-FACET-ABSENT"],
      [{ name: "../up" }, "SKE-ENV-NAME"],
      [{ mode: "slim" as never }, "SKE-USAGE"],
    ] satisfies [CreateOptions, string][]) {
      await expect(at.skerry.create(options), code).rejects.toMatchObject({ code, hint: expect.any(String) });
    }
    expect(await at.skerry.list()).toEqual([]);
    expect(readdirSync(join(at.rig.home, "envs"))).toEqual([]);
    expect((await at.skerry.doctor()).findings.filter((one) => one.subject.startsWith("folder"))).toEqual([]);
  });

  test("is removed any number of times", async () => {
    await using at = await setUp();
    const env = await at.skerry.create({ name: "api", engine: "basic", keep: true });
    expect(await env.destroy()).toBe(true);
    expect(await env.destroy()).toBe(false);
    expect(await at.skerry.destroy("api")).toBe(false);
  });

  test("isn't removed while something runs in it, unless by force, which stops it", async () => {
    await using at = await setUp();
    const env = await at.skerry.create({ engine: "basic", keep: true });
    const running = await env.start(["sleep", "60"], { stdin: "ignore" });
    expect(await env.processes()).toMatchObject([{ ref: { pid: running.pid }, command: ["sleep", "60"] }]);
    await expect(env.destroy()).rejects.toMatchObject({
      code: "SKE-ENV-BUSY",
      message: expect.stringContaining(String(running.pid)),
    });
    expect(await env.destroy({ force: true })).toBe(true);
    expect((await running.exit).exitCode).toBeGreaterThan(128);
  });

  test("can have its prefix where a convention wants it, and takes it along when it goes", async () => {
    await using at = await setUp();
    const prefix = join(at.rig.cwd, ".venv");
    const env = await at.skerry.create({ prefix: ".venv", keep: true, requirements: ["gamma"] });
    const { stdout } = await env.run(["python", "-c", "import gamma, sys; print(sys.prefix)"]);
    expect(stdout).toBe(`${prefix}\n`);
    expect(at.skerry.create({ prefix: ".venv" })).rejects.toMatchObject({ code: "SKE-ENV-EXISTS" });
    await env.destroy();
    expect(existsSync(prefix)).toBe(false);
  });
});

test("doctor holds ledger and reality against each other both ways", async () => {
  await using at = await setUp();
  const env = await at.skerry.create({ name: "api", engine: "basic", keep: true });
  const other = await at.skerry.create({ name: "other", engine: "basic", keep: true });
  expect((await at.skerry.doctor()).healthy).toBe(true);
  rmSync(env.record.place, { recursive: true });
  await at.again(); // opening changes nothing about it
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(join(at.rig.home, "state.db"));
  db.prepare("DELETE FROM environments WHERE id = ?").run(other.id);
  db.close();
  const { healthy, findings } = await at.skerry.doctor();
  expect(healthy).toBe(false);
  expect(findings).toContainEqual(expect.objectContaining({ level: "problem", subject: "environment api" }));
  expect(findings).toContainEqual(expect.objectContaining({ level: "warning", subject: `folder ${other.id}` }));
});

test("`.` is the environment of this folder's .venv, or of the nearest above", async () => {
  await using at = await setUp();
  expect(at.skerry.open(".")).rejects.toMatchObject({ code: "SKE-ENV-NOT-FOUND" });
  const env = await at.skerry.create({ prefix: ".venv", keep: true });
  expect((await at.skerry.open(".")).id).toBe(env.id);
  const below = join(at.rig.cwd, "src", "deep");
  mkdirSync(below, { recursive: true });
  expect((await (await at.again({ cwd: below })).open(".")).id).toBe(env.id);
});
