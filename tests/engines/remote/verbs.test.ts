import { describe, expect, test } from "bun:test";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { Rig } from "../../rig/rig.ts";
import { FakeDaemon } from "./fake-daemon.ts";

const PROGRAM = join(import.meta.dirname, "programs/skerry.ts");

/** A daemon, and a command line that knows an engine for it. */
async function setUp() {
  const stack = new AsyncDisposableStack();
  const daemon = stack.use(await FakeDaemon.start());
  const rig = stack.use(await Rig.make());
  const argvOf = (words: readonly string[]): [string, ...string[]] => [
    process.execPath,
    PROGRAM,
    daemon.socket,
    ...words,
  ];
  // Of one that hangs, an answer isn't waited for long.
  const env: Record<string, string> = {};
  return {
    rig,
    daemon,
    env,
    skerry: (...words: string[]) => rig.run(argvOf(words), { env }),
    start: (...words: string[]) => rig.start(argvOf(words), { env: { DAEMON_ANSWER_MS: "2000" } }),
    json: async (...words: string[]) => JSON.parse((await rig.run(argvOf([...words, "--json"]), { env })).stdout),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Waits until it is so. */
async function until(check: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; !(await check()); await Bun.sleep(50)) {
    if (Date.now() > end) throw new Error("it did not come to be so");
  }
}

describe("an environment of an engine that isn't on this machine", () => {
  test("is made, used, looked at, cloned and removed by the same verbs", async () => {
    await using here = await setUp();
    const { skerry, json, daemon } = here;
    expect(await skerry("create", "far", "--engine", "remote", "--env", "GREETING=hello")).toMatchObject({
      exitCode: 0,
    });
    expect(await skerry("exec", "far", "--", "sh", "-c", "echo $GREETING $SKERRY_ENV; exit 3")).toMatchObject({
      exitCode: 3,
      stdout: "hello far\n",
    });
    expect(await skerry("exec", "far", "--timeout", "300ms", "--", "sleep", "60")).toMatchObject({ exitCode: 124 });
    expect((await skerry("exec", "far", "--", "no-such-program")).exitCode).toBe(127);
    expect((await skerry("ls")).stdout).toContain("far");
    expect((await json("show", "far")).facets.local).toMatchObject({ ok: false, reason: expect.any(String) });
    expect((await skerry("check", "far")).exitCode).toBe(0);
    expect(await skerry("install", "far", "six")).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining("no packages"),
    });
    expect((await skerry("activate", "far")).exitCode).not.toBe(0);
    expect(await skerry("clone", "far", "away")).toMatchObject({ exitCode: 0 });
    expect((await skerry("exec", "away", "--", "printenv", "GREETING")).stdout).toBe("hello\n");
    const kinds = (await json("events")).events.map((one: { kind: string }) => one.kind);
    expect(kinds).toContain("process.exited");
    expect((await skerry("doctor")).stdout).toContain("engine remote");
    expect(await skerry("rm", "far", "away", "--yes")).toMatchObject({ exitCode: 0 });
    expect(daemon.environments).toEqual([]);
  }, 120_000);

  test("is busy while a command runs in it, and --force stops that", async () => {
    await using here = await setUp();
    const { skerry, start, json, daemon } = here;
    await skerry("create", "far", "--engine", "remote");
    const running = start("exec", "far", "--", "sleep", "60");
    await until(async () => (await json("show", "far")).processes.length === 1);
    expect((await json("show", "far")).processes).toMatchObject([{ ref: { kind: "engine", engine: "remote" } }]);
    expect(await skerry("rm", "far", "--yes")).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("sleep") });
    expect(await skerry("rm", "far", "--force", "--yes")).toMatchObject({ exitCode: 0 });
    expect((await running.exit).exitCode).toBe(130);
    expect(daemon.environments).toEqual([]);
  }, 60_000);

  test("counts as running what its client lost sight of, until its end is seen", async () => {
    await using here = await setUp();
    const { skerry, start, json } = here;
    await skerry("create", "far", "--engine", "remote");
    const running = start("exec", "far", "--", "sleep", "4");
    await until(async () => (await json("show", "far")).processes.length === 1);
    running.kill("SIGKILL");
    await running.exit;
    expect((await skerry("rm", "far", "--yes")).exitCode).toBe(4);
    await until(async () => (await json("show", "far")).processes.length === 0);
    expect((await skerry("rm", "far", "--yes")).exitCode).toBe(0);
  }, 60_000);
});

test("an environment whose engine isn't known here keeps no command from what else there is", async () => {
  await using here = await setUp();
  const { skerry, start, json, rig } = here;
  await skerry("create", "far", "--engine", "remote", "--ttl", "1s");
  const running = start("exec", "far", "--", "sleep", "8");
  await until(async () => (await json("show", "far")).processes.length === 1);
  running.kill("SIGKILL");
  await running.exit;
  await Bun.sleep(1000);
  expect(await rig.skerry(["ls"])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("far") });
  expect((await rig.skerry(["create", "near"])).exitCode).toBe(0);
  expect((await rig.skerry(["doctor"])).stdout).toContain("far");
  expect((await skerry("rm", "far", "--force", "--yes")).exitCode).toBe(0);
}, 60_000);

test("what a daemon holds of this state and no environment is, doctor names and removes when it is a day old", async () => {
  await using here = await setUp();
  const { skerry, rig, daemon } = here;
  await skerry("create", "lost", "--engine", "remote");
  for (const name of readdirSync(rig.home)) if (name.startsWith("state.db")) rmSync(join(rig.home, name));
  await skerry("create", "mine", "--engine", "remote");
  // A new ledger is a new state: what the old one made is nobody's that is known here.
  expect((await skerry("doctor")).stdout).not.toContain("belongs to no");
  const ledger = new Ledger(join(rig.home, "state.db"));
  const { id } = ledger.environments.byName("mine")!;
  ledger.environments.delete(id);
  ledger.close();
  expect((await skerry("doctor")).stdout).toContain(`${id} belongs to no recorded environment`);
  await skerry("doctor", "--fix");
  await skerry("gc", "--max-age", "0");
  expect(daemon.environments).toHaveLength(2);
  daemon.age(id, 2 * 86_400_000);
  await skerry("doctor", "--fix");
  expect(daemon.environments).toHaveLength(1);
  expect(daemon.environments).not.toContain(id);
}, 60_000);

describe.each(["ended", "hangs"])("while its daemon %s, an environment", (how) => {
  type Here = { readonly daemon: FakeDaemon; readonly env: Record<string, string> };
  async function lose({ daemon, env }: Here): Promise<() => Promise<void>> {
    if (how === "ended") await daemon.end("SIGTERM");
    else daemon.hang();
    env.DAEMON_ANSWER_MS = "200";
    return async () => {
      delete env.DAEMON_ANSWER_MS;
      if (how === "ended") await daemon.start();
      else daemon.wake();
    };
  }

  test("is neither gone nor broken, and nothing of it is removed", async () => {
    await using here = await setUp();
    const { skerry, daemon } = here;
    await skerry("create", "far", "--engine", "remote");
    await skerry("create", "short", "--engine", "remote", "--ttl", "1ms");
    const comeBack = await lose(here);
    expect((await skerry("ls")).stdout).toMatch(/far.*short/s);
    expect((await skerry("show", "far")).stdout).toMatch(/unknown +.*daemon/);
    for (const words of [
      ["check", "far"],
      ["repair", "far"],
      ["rm", "far", "--yes"],
      ["rm", "far", "--force", "--yes"],
    ])
      expect(await skerry(...words)).toMatchObject({ exitCode: 6, stderr: expect.stringContaining("daemon") });
    expect(await skerry("exec", "far", "--", "true")).toMatchObject({ exitCode: 125 });
    expect((await skerry("gc", "--max-age", "0")).exitCode).toBe(0);
    expect((await skerry("doctor")).stdout).toContain("environment far");
    expect((await skerry("doctor", "--fix")).exitCode).not.toBe(0);
    expect((await skerry("ls")).stdout).toMatch(/far.*short/s);
    expect(daemon.environments).toHaveLength(2);
    await comeBack();
    expect((await skerry("check", "far")).exitCode).toBe(0);
    // Its time was over long ago.
    expect((await skerry("ls")).stdout).not.toContain("short");
    expect((await skerry("rm", "far", "--yes")).exitCode).toBe(0);
    expect(daemon.environments).toEqual([]);
  }, 120_000);

  test("keeps what runs in it, whoever waits for it is told", async () => {
    await using here = await setUp();
    const { skerry, start, json } = here;
    await skerry("create", "far", "--engine", "remote");
    const running = start("exec", "far", "--timeout", "3s", "--", "sleep", "60");
    await until(async () => (await json("show", "far")).processes.length === 1);
    const comeBack = await lose(here);
    expect(await running.exit).toMatchObject({ exitCode: 125, stderr: expect.stringContaining("daemon") });
    await comeBack();
    if (how === "ended") {
      expect((await json("show", "far")).processes).toHaveLength(1);
      expect((await skerry("rm", "far", "--yes")).exitCode).toBe(4);
    } else {
      // What was asked of it meanwhile it does when it wakes: to stop the command.
      await until(async () => (await json("show", "far")).processes.length === 0);
    }
    expect((await skerry("rm", "far", "--force", "--yes")).exitCode).toBe(0);
  }, 60_000);
});
