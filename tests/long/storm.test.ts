import { expect, test } from "bun:test";
import { setTimeout as sleep } from "node:timers/promises";
import { WHEELS } from "../environments/setup.ts";
import { Stage } from "../faults/stage.ts";
import { SKERRY } from "../rig/rig.ts";

/** Processes at a time, and how long the storm lasts: STORM_LANES=200 STORM_SECONDS=180 make a large one. */
const STORM = {
  lanes: Number(process.env.STORM_LANES ?? 8),
  ms: Number(process.env.STORM_SECONDS ?? 12) * 1000,
};

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Exit statuses that commands may have beside each other: done, or refused for a reason that others gave. */
const EXPECTED = new Set([0, 3, 4, 137]);

test(
  "a storm of commands and kills on the same environments leaves nothing bad",
  async () => {
    await using stage = await Stage.make(WHEELS);
    const seed = Number(process.env.FAULTS_SEED ?? 20_260_101);
    const surprises: string[] = [];
    let killed = 0;
    let done = 0;
    const end = Date.now() + STORM.ms;

    async function lane(random: () => number): Promise<void> {
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
      while (Date.now() < end) {
        const name = pick(["one", "two", "three"]);
        const requirement = pick(["alpha==1.0", "alpha==2.0", "beta==1.0", "gamma"]);
        const args = pick<readonly string[]>([
          ["create", name, "--with", requirement],
          ["create", name, "--thin", "--with", requirement],
          ["create", name, "--prefix", `${name}-venv`],
          ["install", name, requirement],
          ["uninstall", name, requirement.replace(/=.*/, "")],
          ["update", name, "--all"],
          ["undo", name],
          ["redo", name],
          ["sync", name],
          ["check", name],
          ["repair", name],
          ["clone", name, pick(["one", "two", "three"])],
          ["lock", name, "-o", "-"],
          ["gc", "--max-age", "0"],
          ["rm", "--force", name],
          ["run", "--with", requirement, "--", "python", "-c", "import sys"],
          ["exec", name, "--", "python", "-c", "import sys"],
          ["ls"],
        ]);
        const program = stage.rig.start([SKERRY, ...args], { env: stage.env });
        const isKilled = random() < 0.3;
        if (isKilled) {
          await Promise.race([program.exit, sleep(random() * 200)]);
          program.kill("SIGKILL");
        }
        const { exitCode, stdout, stderr } = await program.exit;
        if (exitCode === 137) killed++;
        else if (exitCode === 0) done++;
        // What exec runs is stopped by rm --force, even while Python starts; removed while it is being started, exec can
        // say no more than 125 or 127.
        const isStopped =
          [125, 127, 130, 143].includes(exitCode) || (exitCode === 1 && stderr.includes("KeyboardInterrupt"));
        const isExpected = EXPECTED.has(exitCode) || (args[0] === "exec" && isStopped);
        if (!isExpected) surprises.push(`${args.join(" ")}: ${exitCode}\n${stdout}${stderr}`);
      }
    }

    const lanes = Array.from({ length: STORM.lanes }, (_, n) => lane(randomNumbers(seed + n)));
    await Promise.all(lanes);
    expect(surprises).toEqual([]);
    expect({ killed: killed > 5, done: done > 20 }).toEqual({ killed: true, done: true });
    await stage.expectSound();
    for (const { name } of stage.ledger((ledger) => ledger.environments.list())) {
      expect(JSON.parse(await stage.expectDone(["check", name, "--json"]))).toMatchObject({ healthy: true });
      const packages = JSON.parse(await stage.expectDone(["packages", name, "--json"])).packages as { name: string }[];
      const code = packages.map((one) => `import ${one.name}`).join("; ");
      await stage.expectDone(["exec", name, "--", "python", "-c", code]);
      await stage.expectDone(["rm", name]);
    }
    for (const { id } of stage.ledger((ledger) => ledger.environments.list({ cached: true })))
      await stage.expectDone(["rm", id]);
  },
  STORM.ms * 10,
);
