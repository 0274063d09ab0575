import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../src/index.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { type Ground, PACKAGES } from "./harness/ground.ts";
import { alternate, command } from "./harness/measure.ts";
import { prepareWide, uvEnvironment } from "./harness/wide.ts";

const COUNT = 100;

/** Many fresh environments of the wide set: ours thin, in this process; uv's one at a time, times 100. */
export const thin: Benchmark = {
  id: "P2",
  async run(ground) {
    await prepareWide(ground);
    await using skerry = await ground.open();
    const venv = join(ground.scratch, "venv");
    let made: Environment[] = [];
    const disk = { ours: 0, uv: 0 };
    const empty = usage(ground);
    const [own, uv] = await alternate(ground.rounds, [
      {
        async work() {
          for (let i = 0; i < COUNT; i++) {
            made.push(await skerry.create({ mode: "thin", python: ground.python.path, files: [PACKAGES] }));
          }
        },
        async after(round) {
          if (round === ground.rounds) disk.ours = usage(ground) - empty;
          for (const one of made) await one.destroy();
          made = [];
        },
      },
      {
        work: () => uvEnvironment(ground, venv),
        after(round) {
          if (round === ground.rounds) disk.uv = (usage(ground) - empty) * COUNT;
          rmSync(venv, { recursive: true });
        },
      },
    ]);
    const peer = `uv venv + uv pip sync, one × ${COUNT}`;
    return [
      {
        id: "P2",
        work: `${COUNT} fresh thin environments of the wide set, in process`,
        unit: "ms",
        ours: own,
        peer: { name: peer, figure: uv * COUNT },
        target: { ratio: 0.003 },
      },
      {
        id: "P2",
        work: "disk that they add",
        unit: "MB",
        ours: disk.ours,
        peer: { name: peer, figure: disk.uv },
        target: { ratio: 0.01 },
      },
    ];
  },
};

/** Megabytes that the scratch folder takes; du counts a file with several links once. */
function usage(ground: Ground): number {
  return Number.parseInt(command(["du", "-sk", ground.scratch], ground.surroundings()), 10) / 1024;
}
