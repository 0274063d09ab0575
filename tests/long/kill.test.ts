import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openSkerry, type Skerry } from "../../src/index.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { statePaths } from "../../src/platform/paths.ts";
import { verifyTree } from "../../src/store/damage.ts";
import { listTrees } from "../../src/store/upkeep.ts";
import { foldersOf, WHEELS } from "../environments/setup.ts";
import type { Change } from "../faults/driver.ts";
import { startIndex, type TestIndex } from "../rig/index.ts";
import { Rig } from "../rig/rig.ts";
import { projectFiles } from "../rig/wheel.ts";

/** More steps than any change has. */
const MOST = 400;

let rig: Rig;
let index: TestIndex;
let env: Record<string, string>;

beforeEach(async () => {
  rig = await Rig.make();
  index = await startIndex({ distributions: WHEELS });
  env = { ...rig.env, PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
  await using skerry = await open();
  await skerry.create({ name: "bystander", requirements: ["gamma"], keep: true });
});
afterEach(async () => {
  await index[Symbol.asyncDispose]();
});

const open = () => openSkerry({ env, cwd: rig.cwd });

/** Runs a change in a process that is killed at its n-th touch of the ledger. @returns true when it was killed */
async function killedAt(change: Change, n: number): Promise<boolean> {
  const driver = join(import.meta.dirname, "../faults/driver.ts");
  const { exitCode, stderr } = await rig.run([process.execPath, driver, JSON.stringify(change), String(n)], {
    env,
    timeout: 60_000,
  });
  if (exitCode !== 137) expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return exitCode === 137;
}

/** What must hold after any kill, once the state was opened again. */
async function expectSound(skerry: Skerry): Promise<void> {
  const { healthy, findings } = await skerry.doctor();
  expect(findings.filter((one) => one.level !== "ok" && !one.subject.startsWith("python"))).toEqual([]);
  expect(healthy).toBe(true);
  const bystander = await skerry.open("bystander");
  expect((await bystander.packages.list()).map(({ name, version }) => `${name} ${version}`)).toEqual(["gamma 1.0"]);
  expect((await bystander.run(["python", "-c", "import gamma"])).exitCode).toBe(0);
  const paths = statePaths(skerry.home);
  const ledger = new Ledger(paths.db);
  try {
    expect(ledger.intents.list()).toEqual([]);
    const known = [...ledger.environments.list(), ...ledger.environments.list({ cached: true })];
    expect(known.filter((one) => one.status !== "ready")).toEqual([]);
    expect(readdirSync(paths.envs).sort()).toEqual(known.map((one) => one.id).sort());
    for (const { id, place } of known) {
      const folder = join(place, "trees");
      const trees = existsSync(folder) ? readdirSync(folder).map((name) => name.replace(/\.json$/, "")) : [];
      expect([...new Set(trees)].sort()).toEqual([...new Set(ledger.treesOf(id))].sort());
    }
  } finally {
    ledger.close();
  }
  expect(readdirSync(paths.tmp)).toEqual([]);
  for (const tree of listTrees(paths)) expect(verifyTree(tree)).toEqual([]);
}

/**
 * Kills a change at every step in turn, and after each kill makes it again.
 * @param prepare brings the state to where the change begins
 * @param done checks that it was made
 * @param settle what brings a state back in order that a kill may leave as faulty as it was
 */
function killedEverywhere(
  title: string,
  change: Change,
  prepare: (skerry: Skerry) => Promise<void>,
  done: (skerry: Skerry) => Promise<void>,
  isMade: (skerry: Skerry) => Promise<boolean> = async () => false,
  settle: (skerry: Skerry) => Promise<void> = async () => {},
): void {
  test(`${title}, killed at every step, leaves nothing and works when made again`, async () => {
    for (let n = 1, killed = true; killed; n++) {
      expect(n).toBeLessThan(MOST);
      {
        await using skerry = await open();
        await prepare(skerry);
      }
      killed = await killedAt(change, n);
      {
        await using skerry = await open();
        await settle(skerry);
        await expectSound(skerry);
        if (killed) {
          // Killed after it was committed, there is nothing left to do.
          if (!(await isMade(skerry))) expect(await killedAt(change, MOST * 10)).toBe(false);
          await done(skerry);
        }
      }
      if (n === 1) expect(killed).toBe(true);
    }
  }, 240_000);
}

const gone = (name: string) => async (skerry: Skerry) => void (await skerry.destroy(name, { force: true }));
const exists = async (skerry: Skerry) => (await skerry.list()).some((one) => one.name === "subject");
const versions = async (skerry: Skerry, name: string) =>
  (await (await skerry.open(name)).packages.list()).map((one) => `${one.name} ${one.version}`);
const position = async (skerry: Skerry, name: string) =>
  (await (await skerry.open(name)).packages.history()).find((one) => one.present)?.n;

describe("killed with SIGKILL", () => {
  for (const mode of ["full", "thin"] as const) {
    killedEverywhere(
      `creating a ${mode} environment`,
      { verb: "create", options: { name: "subject", mode, requirements: ["alpha==1.0"] } },
      gone("subject"),
      async (skerry) => expect((await (await skerry.open("subject")).run(["alpha"])).stdout).toBe("alpha 1.0\n"),
      exists,
    );

    killedEverywhere(
      `installing into a ${mode} environment`,
      { verb: "install", name: "subject", packages: ["alpha==2.0"] },
      async (skerry) => {
        await gone("subject")(skerry);
        await skerry.create({ name: "subject", mode, requirements: ["alpha==1.0", "beta==2.0"], keep: true });
      },
      async (skerry) => expect(await versions(skerry, "subject")).toEqual(["alpha 2.0", "beta 2.0"]),
    );

    killedEverywhere(
      `uninstalling from a ${mode} environment`,
      { verb: "uninstall", name: "subject", packages: ["alpha"] },
      async (skerry) => {
        await gone("subject")(skerry);
        await skerry.create({ name: "subject", mode, requirements: ["alpha==1.0", "gamma"], keep: true });
      },
      async (skerry) => expect(await versions(skerry, "subject")).toEqual(["gamma 1.0"]),
      async (skerry) => (await versions(skerry, "subject")).length === 1,
    );
  }

  killedEverywhere(
    "undoing",
    { verb: "undo", name: "subject" },
    async (skerry) => {
      await gone("subject")(skerry);
      const subject = await skerry.create({ name: "subject", requirements: ["alpha==1.0"], keep: true });
      await subject.packages.install(["alpha==2.0"]);
    },
    async (skerry) => {
      expect(await versions(skerry, "subject")).toEqual(["alpha 1.0", "beta 2.0"]);
      expect(await position(skerry, "subject")).toBe(1);
    },
    async (skerry) => (await position(skerry, "subject")) === 1,
  );

  killedEverywhere(
    "restoring what a project's folder held",
    { verb: "restore", name: "subject", n: 2 },
    async (skerry) => {
      await gone("subject")(skerry);
      for (const [path, bytes] of Object.entries(projectFiles({ name: "proj", version: "1.0" })))
        await Bun.write(join(rig.cwd, "proj", path), bytes);
      const subject = await skerry.create({ name: "subject", mode: "thin", keep: true });
      await subject.packages.install(["./proj", "gamma"]);
      await subject.packages.uninstall(["proj"]);
      await subject.packages.install(["alpha==2.0"]);
      rmSync(join(rig.cwd, "proj"), { recursive: true });
    },
    async (skerry) => {
      expect(await versions(skerry, "subject")).toEqual(["gamma 1.0", "proj 1.0"]);
      expect(await position(skerry, "subject")).toBe(2);
    },
    async (skerry) => (await position(skerry, "subject")) === 2,
  );

  killedEverywhere(
    "installing what a project's folder holds by now",
    { verb: "install", name: "subject", packages: ["./proj"] },
    async (skerry) => {
      await gone("subject")(skerry);
      const subject = await skerry.create({ name: "subject", mode: "thin", keep: true });
      for (const version of ["1.0", "2.0"]) {
        for (const [path, bytes] of Object.entries(projectFiles({ name: "proj", version })))
          await Bun.write(join(rig.cwd, "proj", path), bytes);
        if (version === "1.0") await subject.packages.install(["./proj"]);
      }
    },
    async (skerry) => expect(await versions(skerry, "subject")).toEqual(["proj 2.0"]),
    async (skerry) => (await position(skerry, "subject")) === 3,
  );

  killedEverywhere(
    "creating an environment in a project's folder",
    { verb: "create", options: { name: "subject", prefix: ".venv" } },
    async (skerry) => {
      await gone("subject")(skerry);
      expect(existsSync(join(rig.cwd, ".venv"))).toBe(false);
    },
    async (skerry) => expect((await (await skerry.open(".")).run(["python", "-c", ""])).exitCode).toBe(0),
    exists,
  );

  for (const mode of ["full", "thin"] as const) {
    killedEverywhere(
      `repairing a ${mode} environment`,
      { verb: "repair", name: "subject" },
      async (skerry) => {
        await gone("subject")(skerry);
        const env = await skerry.create({ name: "subject", mode, requirements: ["alpha==1.0"], keep: true });
        const { prefix, site } = foldersOf(env);
        for (const path of ["bin/python", "bin/alpha", "pyvenv.cfg"]) rmSync(join(prefix, path));
        rmSync(join(site, mode === "full" ? "alpha.py" : "_skerry-layer"));
      },
      async (skerry) => expect((await (await skerry.open("subject")).run(["alpha"])).stdout).toBe("alpha 1.0\n"),
      undefined,
      async (skerry) => void (await skerry.repair("subject")),
    );
  }

  killedEverywhere(
    "cloning two at once",
    { verb: "clone", of: "bystander", name: "subject", count: 2 },
    async (skerry) => {
      for (const n of [1, 2]) await gone(`subject-${n}`)(skerry);
    },
    async (skerry) => expect(await versions(skerry, "subject-2")).toEqual(["gamma 1.0"]),
    async (skerry) => {
      const made = (await skerry.list()).filter((one) => one.name.startsWith("subject")).length;
      expect([0, 2]).toContain(made);
      return made === 2;
    },
  );

  killedEverywhere(
    "destroying",
    { verb: "destroy", name: "subject" },
    async (skerry) => {
      await gone("subject")(skerry);
      await skerry.create({ name: "subject", requirements: ["beta"], keep: true });
    },
    async (skerry) => expect((await skerry.list()).map((one) => one.name)).toEqual(["bystander"]),
  );

  killedEverywhere(
    "a run with a project folder",
    { verb: "run", editables: ["proj"] },
    async () => {
      for (const [path, bytes] of Object.entries(projectFiles({ name: "proj", version: "1.0" })))
        await Bun.write(join(rig.cwd, "proj", path), bytes);
    },
    async (skerry) => {
      {
        await using _again = await open();
      }
      expect(await skerry.list({ cached: true })).toEqual([]);
    },
  );

  killedEverywhere(
    "the first run of new requirements",
    { verb: "cached", requirements: ["beta==1.0"] },
    async (skerry) => {
      for (const one of await skerry.list({ cached: true })) await skerry.destroy(one.id, { force: true });
    },
    async (skerry) => expect(await skerry.list({ cached: true })).toHaveLength(1),
  );
});
