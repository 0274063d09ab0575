import { describe, expect, test } from "bun:test";
import type { LifeOptions } from "../../src/index.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { statePaths } from "../../src/platform/paths.ts";
import { type Setup, setUp } from "./setup.ts";

const make = async (at: Setup, name: string, life: LifeOptions = {}) =>
  at.skerry.create({ name, engine: "basic", keep: true, ...life });
const names = async (at: Setup) => {
  await at.again();
  return (await at.skerry.list()).map((one) => one.name);
};
const reasons = async (at: Setup) =>
  (await at.skerry.events.list()).flatMap((one) => (one.kind === "environment.destroyed" ? [one.data.because] : []));

/** Makes an environment as old as it has to be. */
function age(at: Setup, column: "created_at" | "used_at", ms: number): void {
  const ledger = new Ledger(statePaths(at.rig.home).db);
  ledger.db.run(`UPDATE environments SET ${column} = ${column} - ?`, ms);
  ledger.close();
}

describe("an environment goes by itself", () => {
  test("when its time to live is over, not before", async () => {
    await using at = await setUp();
    await make(at, "short", { ttlMs: 60_000 });
    await make(at, "long", { ttlMs: 600_000 });
    await make(at, "forever");
    expect(await names(at)).toEqual(["short", "long", "forever"]);
    age(at, "created_at", 61_000);
    expect(await names(at)).toEqual(["long", "forever"]);
    expect(await reasons(at)).toEqual(["ttl"]);
  });

  test("when nobody has used it for long: a command in it begins the time anew", async () => {
    await using at = await setUp();
    const used = await make(at, "used", { idleMs: 300_000 });
    await make(at, "unused", { idleMs: 300_000 });
    age(at, "used_at", 299_000);
    await used.run(["true"]);
    age(at, "used_at", 2000);
    expect(await names(at)).toEqual(["used"]);
    expect(await reasons(at)).toEqual(["idle"]);
  });

  test("when the process that it lives for ends", async () => {
    await using at = await setUp();
    const owner = Bun.spawn(["sleep", "60"]);
    await make(at, "guest", { cleanup: "exit", owner: owner.pid });
    expect(await names(at)).toEqual(["guest"]);
    owner.kill("SIGKILL");
    await owner.exited;
    expect(await names(at)).toEqual([]);
    expect(await reasons(at)).toEqual(["exit"]);
  });

  test("with a process, only if its last command didn't fail, where that is asked for", async () => {
    await using at = await setUp();
    const owner = Bun.spawn(["sleep", "60"]);
    const life = { cleanup: "keep-on-failure", owner: owner.pid } as const;
    await (await make(at, "bad", life)).run(["false"]);
    const mended = await make(at, "mended", life);
    await mended.run(["false"]);
    await mended.run(["true"]);
    await make(at, "unused", life);
    owner.kill("SIGKILL");
    await owner.exited;
    expect(await names(at)).toEqual(["bad"]);
  });

  test("but not while a command runs in it, and not while it is pinned", async () => {
    await using at = await setUp();
    const busy = await make(at, "busy", { ttlMs: 1 });
    const pinned = await make(at, "pinned", { ttlMs: 1 });
    await pinned.pin();
    const running = await busy.start(["sleep", "60"], { stdin: "ignore" });
    await Bun.sleep(5);
    expect(await names(at)).toEqual(["busy", "pinned"]);
    await running.stop({ graceMs: 0 });
    await running.exit;
    expect(await names(at)).toEqual(["pinned"]);
    await pinned.pin(false);
    expect(await names(at)).toEqual([]);
  });

  test("a few with each command", async () => {
    await using at = await setUp();
    for (let i = 0; i < 6; i++) await make(at, `old-${i}`, { ttlMs: 1 });
    await Bun.sleep(5);
    expect(await names(at)).toEqual(["old-4", "old-5"]);
    expect(await names(at)).toEqual([]);
  });
});

describe("an environment of a program", () => {
  test("goes with it when the program dies before the end of its scope", async () => {
    await using at = await setUp();
    const program = `
      const { openSkerry } = await import(${JSON.stringify(`${import.meta.dirname}/../../src/index.ts`)});
      const skerry = await openSkerry();
      await skerry.create({ name: "scoped", engine: "basic" });
      await skerry.create({ name: "kept", engine: "basic", keep: true });
      process.kill(process.pid, "SIGKILL");
    `;
    const { exitCode } = await at.rig.run([process.execPath, "-e", program]);
    expect(exitCode).toBe(137);
    expect(await names(at)).toEqual(["kept"]);
  });

  test("stays at the end of its scope when it is to be kept on failure and its last command failed", async () => {
    await using at = await setUp();
    for (const [name, command] of [
      ["good", "true"],
      ["bad", "false"],
    ] as const) {
      await using env = await at.skerry.create({ name, engine: "basic", cleanup: "keep-on-failure" });
      await env.run([command]);
    }
    expect(await at.skerry.list()).toMatchObject([{ name: "bad", failed: true }]);
  });
});

test("what an environment can't live for is refused, and nothing is made", async () => {
  await using at = await setUp();
  for (const life of [
    { ttlMs: -1 },
    { idleMs: 1.5 },
    { cleanup: "later" as never },
    { cleanup: "exit", owner: 2 ** 22 + 1 },
  ] as const) {
    expect(make(at, "none", life)).rejects.toMatchObject({ code: "SKE-USAGE", hint: expect.any(String) });
  }
  expect(await at.skerry.list()).toEqual([]);
});
