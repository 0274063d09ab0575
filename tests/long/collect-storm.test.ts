import { expect, test } from "bun:test";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WHEELS } from "../environments/setup.ts";
import { Stage } from "../faults/stage.ts";

/** Processes that make environments, how often each does, and processes that collect meanwhile. */
const STORM = { makers: 3, turns: 6, collectors: 2 };

test("collection never harms what is being made, and can be killed at any moment", async () => {
  await using stage = await Stage.make(WHEELS);
  const start = (...args: string[]) => {
    const program = join(import.meta.dirname, "programs/storm.ts");
    return stage.rig.start([process.execPath, program, ...args], { env: stage.env, timeout: 150_000 });
  };
  const surprises: string[] = [];
  let collected = 0;
  let killed = 0;
  let isOver = false;

  async function maker(n: number): Promise<void> {
    const { exitCode, stdout, stderr } = await start("make", `env-${n}`, `${STORM.turns}`).exit;
    if (exitCode !== 0 || stderr !== "") surprises.push(`maker ${n}: ${exitCode}\n${stdout}${stderr}`);
  }

  async function collector(): Promise<void> {
    // On a fast machine the makers are done before much was killed.
    while (!isOver || killed < 3) {
      const program = start("collect");
      await Promise.race([program.exit, sleep(500 + Math.random() * 3000)]);
      program.kill("SIGKILL");
      const { exitCode, stdout, stderr } = await program.exit;
      if (exitCode !== 137) surprises.push(`collector: ${exitCode}\n${stderr}`);
      collected += stdout.length;
      killed++;
    }
  }

  // A cached environment that wasn't used for three seconds looks as if it had been years.
  async function age(): Promise<void> {
    const sql = "UPDATE environments SET used_at = 0 WHERE cache_key IS NOT NULL AND used_at < ?";
    for (; !isOver; await sleep(300)) stage.ledger(({ db }) => db.run(sql, Date.now() - 3000));
  }

  const makers = Promise.all(Array.from({ length: STORM.makers }, (_, n) => maker(n)));
  const others = [...Array.from({ length: STORM.collectors }, collector), age()];
  await makers;
  isOver = true;
  await Promise.all(others);
  expect(surprises).toEqual([]);
  // How many there are depends on how fast the machine starts a collector.
  expect(collected).toBeGreaterThan(0);
  expect(killed).toBeGreaterThan(2);
  await stage.expectDone(["gc", "--all"]);
  await stage.expectSound();
  await stage.expectDone(["run", "--with", "alpha", "--with", "gamma", "--", "python", "-c", "import alpha, gamma"]);
}, 180_000);
