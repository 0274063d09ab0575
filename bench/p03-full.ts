import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark } from "./harness/benchmark.ts";
import { PACKAGES } from "./harness/ground.ts";
import { alternate } from "./harness/measure.ts";
import { prepareWide, uvEnvironment } from "./harness/wide.ts";

/** One fresh environment of the wide set with files of its own. */
export const full: Benchmark = {
  id: "P3",
  async run(ground) {
    await prepareWide(ground);
    const venv = join(ground.scratch, "venv");
    const create = ["create", "wide", "--full", "--python", ground.python.path, "-r", PACKAGES];
    const [own, uv] = await alternate(ground.rounds, [
      {
        work: () => void ground.run([ground.skerry, ...create]),
        after: () => ground.run([ground.skerry, "rm", "wide"]),
      },
      { work: () => uvEnvironment(ground, venv), after: () => rmSync(venv, { recursive: true }) },
    ]);
    return [
      {
        id: "P3",
        work: "one fresh full environment of the wide set",
        unit: "ms",
        ours: own,
        peer: { name: "uv venv + uv pip sync", figure: uv },
        target: { ratio: 0.6 },
      },
    ];
  },
};
