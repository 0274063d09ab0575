import { join } from "node:path";
import { holdingsOf, leaksSince } from "../tests/rig/holdings.ts";
import type { Benchmark } from "./harness/benchmark.ts";

const COUNT = 1000;
const AT_ONCE = 50;

/** Many environments that are created, used and destroyed, many at a time, in one process. */
export const many: Benchmark = {
  id: "P15",
  async run(ground) {
    const home = join(ground.scratch, "state-of-crowd");
    await using skerry = await ground.open(home);
    const failures: string[] = [];
    let left = 0;
    const live = async () => {
      const environment = await skerry.create({
        mode: "thin",
        python: ground.python.path,
        requirements: ["requests", "rich"],
      });
      const { exitCode, stderr } = await environment.run(["python", "-c", "import rich"]);
      if (exitCode !== 0) failures.push(stderr);
      await environment.destroy();
    };
    const lane = async () => {
      while (left-- > 0) await live().catch((error) => failures.push(String(error)));
    };
    const lives = async (count: number) => {
      left = count;
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
    };
    // Packages are in the store and connections open.
    await lives(AT_ONCE);
    const before = holdingsOf(home);
    await lives(COUNT);
    const leaks = await leaksSince(before, home);
    for (const one of [...failures.slice(0, 10), ...leaks]) console.error(one);
    return [
      {
        id: "P15",
        work: `of ${COUNT} thin environments created, used, destroyed, ${AT_ONCE} at once, failed`,
        unit: "failures",
        ours: failures.length,
        target: { atMost: 0 },
      },
      {
        id: "P15",
        work: "kinds of files, rows, descriptors and processes that they left",
        unit: "leaks",
        ours: leaks.length,
        target: { atMost: 0 },
      },
    ];
  },
};
