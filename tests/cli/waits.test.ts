import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { environmentLease } from "../../src/environments/context.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { startIndex } from "../rig/index.ts";
import { newestPython, Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";
import { packagesFrom } from "./setup.ts";

const programs = join(import.meta.dirname, "../platform/programs");
const lease = (name: string) => (rig: Rig) => [join(programs, "lease.ts"), rig.home, name, "exclusive"];
const database = (file: string) => (rig: Rig) => [join(programs, "hold-database.ts"), join(rig.home, file)];
const idOf = (rig: Rig, name: string) => {
  const ledger = new Ledger(join(rig.home, "state.db"));
  const { id } = ledger.environments.byName(name)!;
  ledger.close();
  return id;
};

/** What a process may hold when it is stopped, and a command that needs it. */
const HELD: Readonly<Record<string, { holder: (rig: Rig) => string[]; command: readonly string[] }>> = {
  "the gate of the lock files": { holder: database("locks/gate"), command: ["create", "other"] },
  "an environment to change": {
    holder: (rig) => lease(environmentLease(idOf(rig, "web")))(rig),
    command: ["install", "web", "small"],
  },
  "an environment to remove": {
    holder: (rig) => lease(environmentLease(idOf(rig, "web")))(rig),
    command: ["rm", "web", "--yes"],
  },
  "an environment to clone": {
    holder: (rig) => lease(environmentLease(idOf(rig, "web")))(rig),
    command: ["clone", "web", "other"],
  },
  "the only place to create": { holder: lease("create"), command: ["create", "other", "--with", "small"] },
  "the collection": { holder: lease("gc"), command: ["gc", "--all", "--yes"] },
};

/** A process that holds something and is stopped, until the end of the scope. */
async function stoppedHolder(rig: Rig, argv: readonly string[]) {
  const program = rig.start([process.execPath, ...argv]);
  await program.until(/held/);
  program.kill("SIGSTOP");
  return {
    pid: program.pid,
    async [Symbol.asyncDispose]() {
      program.kill("SIGKILL");
      await program.exit;
    },
  };
}

async function setUp() {
  const rig = await Rig.make();
  const index = await startIndex({ distributions: [buildWheel({ name: "small", version: "1.0" })] });
  const env = {
    ...packagesFrom(index.url),
    SKERRY_PYTHON: newestPython().path,
    SKERRY_MAX_CONCURRENT_CREATES: "1",
    SKERRY_LOCK_TIMEOUT: "2s",
    SKERRY_INSTALL_TIMEOUT: "2s",
  };
  expect(await rig.skerry(["create", "web"], { env: { ...env, SKERRY_INSTALL_TIMEOUT: "1m" } })).toMatchObject({
    exitCode: 0,
  });
  return {
    rig,
    env,
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      await rig[Symbol.asyncDispose]();
    },
  };
}

describe("a process that was stopped while it holds something that others need", () => {
  for (const [what, { holder, command }] of Object.entries(HELD)) {
    test(`${what}: a command that waits for it ends by its time-out and by SIGINT, and names it`, async () => {
      await using at = await setUp();
      const { rig, env } = at;
      await using held = await stoppedHolder(rig, holder(rig));
      const { exitCode, stderr } = await rig.skerry(command, { env, timeout: 45_000 });
      expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: expect.stringContaining(`process ${held.pid} (`) });
      expect(stderr).toContain(`kill -CONT ${held.pid}`);
      const patient = { ...env, SKERRY_LOCK_TIMEOUT: "10m", SKERRY_INSTALL_TIMEOUT: "10m" };
      const waiting = rig.start([rig.program, ...command], { env: patient, timeout: 45_000 });
      await waiting.until(new RegExp(`process ${held.pid} \\(.*stopped`));
      waiting.kill("SIGINT");
      expect((await waiting.exit).exitCode).toBe(130);
    }, 120_000);
  }

  test("the ledger: a command ends in seconds and names it", async () => {
    await using at = await setUp();
    const { rig, env } = at;
    await using held = await stoppedHolder(rig, database("state.db")(rig));
    const { exitCode, stderr } = await rig.skerry(["create", "other"], { env, timeout: 55_000 });
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: expect.stringContaining(`process ${held.pid} (`) });
    expect(stderr).toContain(`kill -CONT ${held.pid}`);
  }, 120_000);
});
