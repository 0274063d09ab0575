import { statSync } from "node:fs";
import type { Benchmark } from "./harness/benchmark.ts";
import { alternate, percentile } from "./harness/measure.ts";
import { type Outcome, together } from "./harness/together.ts";

const COUNT = 50;
const WITH = ["--with", "requests", "--with", "rich"];
const PROGRAM = ["python", "-c", "pass"];

/** Many warm runs at the same moment, a warm run with a hook, and the size of the program. */
export const crowd: Benchmark = {
  id: "P16",
  async run(ground) {
    const { path } = ground.python;
    const ours = [ground.skerry, "run", "--python", path, ...WITH, "--", ...PROGRAM];
    const uvRun = [ground.uv.path, "run", "--no-project", "--python", path, ...WITH];
    // Ours first: see P1.
    ground.run(ours);
    ground.run([...uvRun, ...PROGRAM]);
    const theirs = [...uvRun, "--offline", ...PROGRAM];
    const all: { ours: Outcome[]; uv: Outcome[] } = { ours: [], uv: [] };
    const side = (argv: readonly string[], kept: Outcome[]) => ({
      work: async (round: number) => {
        const outcomes = await together(COUNT, argv, ground.surroundings());
        if (round > 0) kept.push(...outcomes);
      },
    });

    await using skerry = await ground.open();
    using _hook = skerry.hooks.add({ on: "before-start", identity: "bench", ask: async () => undefined });
    const hooked = async () => {
      const environment = await skerry.cached({ python: path, requirements: ["requests", "rich"] });
      const { exitCode, stderr } = await environment.run(PROGRAM);
      if (exitCode !== 0) throw new Error(`a run with a hook failed: ${stderr}`);
    };
    await alternate(ground.rounds, [side(ours, all.ours), side(theirs, all.uv)]);
    const [withHook] = await alternate(3 * ground.rounds, [{ work: hooked }]);
    const p99 = (outcomes: readonly Outcome[]) =>
      percentile(
        outcomes.map((one) => one.ms),
        99,
      );
    return [
      {
        id: "P16",
        work: `${COUNT} warm runs at the same moment, 99th percentile of all rounds`,
        unit: "ms",
        ours: p99(all.ours),
        peer: { name: `${COUNT} × uv run --with --offline`, figure: p99(all.uv) },
        target: { ratio: 0.5 },
      },
      {
        id: "P16",
        work: `of these ${all.ours.length}, failed`,
        unit: "failures",
        ours: all.ours.filter((one) => one.exitCode !== 0).length,
        target: { atMost: 0 },
      },
      {
        id: "P16",
        work: "a warm run with a start hook, in process",
        unit: "ms",
        ours: withHook,
        target: { atMost: 60 },
      },
      {
        id: "P16",
        work: "size of the executable",
        unit: "MB",
        ours: statSync(ground.skerry).size / 1e6,
        target: { atMost: 130 },
      },
    ];
  },
};
