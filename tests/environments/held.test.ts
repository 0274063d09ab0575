import { describe, expect, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { environmentLease } from "../../src/environments/context.ts";
import type { Environment, EventKind, Skerry } from "../../src/index.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { selfIdentity } from "../../src/platform/identity.ts";
import { closeLeases, leaseHolders, tryLease } from "../../src/platform/lease.ts";
import { statePaths } from "../../src/platform/paths.ts";
import { until } from "../platform/support.ts";
import { Rig } from "../rig/rig.ts";
import { foldersOf, setUp } from "./setup.ts";

/** Whether others could change an environment now. */
function isFree(home: string, id: string): boolean {
  using lease = tryLease(statePaths(home), environmentLease(id), "exclusive");
  return lease !== undefined;
}

/** What ends with an event, which is told before the environment is let go. */
interface Step {
  readonly told: EventKind;
  /** What is done to an environment before, by itself or by a process that was killed. */
  readonly before?: (env: Environment, ledger: Ledger) => unknown;
  readonly does: (env: Environment, skerry: Skerry) => Promise<unknown>;
}

const dead = { ...selfIdentity(), start: "0" };

const STEPS: Readonly<Record<string, Step>> = {
  "that is cloned": { told: "environment.created", does: (env) => env.clone({ name: "twin" }) },
  "whose packages are changed": { told: "packages.changed", does: (env) => env.packages.install(["gamma"]) },
  "that is repaired": {
    told: "environment.repaired",
    before: (env) => rmSync(join(foldersOf(env).prefix, "bin/python")),
    does: (env) => env.repair(),
  },
  "that is removed": { told: "environment.destroyed", does: (env) => env.destroy() },
  "whose removal was begun by a process that was killed": {
    told: "environment.destroyed",
    before(env, ledger) {
      ledger.environments.update(env.id, { status: "destroying" });
      ledger.intents.begin(env.id, { kind: "destroy" }, dead);
    },
    does: (env) => env.destroy(),
  },
  "that is recovered": {
    told: "environment.recovered",
    before: (env, ledger) => ledger.intents.begin(env.id, { kind: "repair" }, dead),
    does: (env) => env.packages.install(["gamma"]),
  },
  "whose time is over": {
    told: "environment.destroyed",
    before: ({ id }, { db }) => db.run(`UPDATE environments SET cleanup = '{"ttl":0}' WHERE id = ?`, id),
    does: (_, skerry) => skerry.gc({ maxAgeMs: 0 }),
  },
};

describe("nobody else gets hold of an environment", () => {
  for (const [what, { told, before, does }] of Object.entries(STEPS)) {
    test(`${what}, until that has ended`, async () => {
      await using at = await setUp();
      const prefix = join(at.rig.cwd, "venv");
      const env = await at.skerry.create({ name: "one", prefix, requirements: ["beta"], keep: true });
      const ledger = new Ledger(join(at.rig.home, "state.db"));
      await before?.(env, ledger);
      ledger.close();
      const free: boolean[] = [];
      using _ = at.skerry.events.on(({ kind }) => void (kind === told && free.push(isFree(at.rig.home, env.id))));
      await does(env, at.skerry);
      expect(free).toEqual([false]);
      expect(isFree(at.rig.home, env.id)).toBe(true);
    });
  }

  test("that is cached and collected, until that has ended", async () => {
    await using at = await setUp();
    const { id } = await at.skerry.cached({ requirements: ["gamma"] });
    const ledger = new Ledger(join(at.rig.home, "state.db"));
    ledger.db.run("UPDATE environments SET used_at = 0");
    ledger.close();
    const free: boolean[] = [];
    using _ = at.skerry.events.on(({ kind }) => {
      if (kind === "environment.destroyed") free.push(isFree(at.rig.home, id));
    });
    await at.skerry.gc({ maxAgeMs: 0 });
    expect(free).toEqual([false]);
  });
});

test("rm --force takes nothing from under what still runs, and keeps others out until that has ended", async () => {
  await using rig = await Rig.make();
  expect((await rig.skerry(["create", "one", "--prefix", "venv"])).exitCode).toBe(0);
  const stubborn = "import signal, time; signal.signal(2, signal.SIG_IGN); print('runs', flush=True); time.sleep(60)";
  const runs = rig.start([rig.program, "exec", "one", "--", "python", "-c", stubborn]);
  await until(() => runs.stdout.includes("runs"));
  const removal = rig.start([rig.program, "rm", "--force", "one"]);
  const ledger = new Ledger(join(rig.home, "state.db"));
  const status = () => ledger.environments.byName("one")?.status;
  await until(() => status() !== "ready");
  // Python ignores the first signal, and has two seconds to act on it.
  const { id } = ledger.environments.byName("one")!;
  await Bun.sleep(500);
  expect(status()).toBe("destroying");
  expect(existsSync(join(rig.cwd, "venv/bin/python"))).toBe(true);
  expect(isFree(rig.home, id)).toBe(false);
  expect(leaseHolders(statePaths(rig.home), environmentLease(id))).toMatchObject([{ pid: removal.pid }]);
  const other = rig.start([rig.program, "rm", "--force", "one"]);
  expect((await removal.exit).exitCode).toBe(0);
  expect((await runs.exit).exitCode).toBe(143);
  expect((await other.exit).stderr).not.toContain("error");
  ledger.close();
  closeLeases(statePaths(rig.home));
});
