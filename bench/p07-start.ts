import { join } from "node:path";
import type { Benchmark } from "./harness/benchmark.ts";
import { alternate } from "./harness/measure.ts";

const COUNT = 1000;

/** What every other command rests on: the start of the program, and reading the ledger. */
export const start: Benchmark = {
  id: "P7",
  async run(ground) {
    const home = join(ground.scratch, "state-of-many");
    await using skerry = await ground.open(home);
    for (let i = 0; i < COUNT; i++) await skerry.create({ name: `many-${i}`, engine: "basic" });
    await skerry.create({ name: "asked", engine: "virtualenv", python: ground.python.path });
    const [version, uvVersion, list, status] = await alternate(3 * ground.rounds, [
      { work: () => void ground.run([ground.skerry, "--version"]) },
      { work: () => void ground.run([ground.uv.path, "--version"]) },
      { work: () => void ground.run([ground.skerry, "--home", home, "ls"]) },
      {
        async work() {
          const { problems } = await (await skerry.open("asked")).inspect();
          if (problems.length > 0) throw new Error(`the environment isn't whole: ${problems.join(", ")}`);
        },
      },
    ]);
    return [
      {
        id: "P7",
        work: "--version",
        unit: "ms",
        ours: version,
        peer: { name: "uv --version", figure: uvVersion },
        target: { ratio: 1 },
      },
      { id: "P7", work: `ls of ${COUNT} environments`, unit: "ms", ours: list, target: { atMost: 40 } },
      {
        id: "P7",
        work: "status of a virtualenv environment, in process",
        unit: "ms",
        ours: status,
        target: { atMost: 1 },
      },
    ];
  },
};
