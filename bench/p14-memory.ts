import { join } from "node:path";
import { at } from "../scripts/tasks/command.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { alternate } from "./harness/measure.ts";

const COUNT = 1000;

/** How much larger a process becomes that has many environments open. */
export const memory: Benchmark = {
  id: "P14",
  async run(ground) {
    const home = join(ground.scratch, "state-of-open");
    await using skerry = await ground.open(home);
    const asked = { mode: "thin" as const, python: ground.python.path, requirements: ["requests", "rich"] };
    for (let i = 0; i < COUNT; i++) await skerry.create({ ...asked, name: `open-${i}`, keep: true });
    const program = [process.execPath, at("bench/programs/open-all.ts"), home];
    const [growth] = await alternate(ground.rounds, [{ work: () => Number(ground.run(program)) / 1e6 }]);
    return [
      {
        id: "P14",
        work: `growth of a process with ${COUNT} thin environments open, each looked at once`,
        unit: "MB",
        ours: growth,
        target: { atMost: 20 },
      },
    ];
  },
};
