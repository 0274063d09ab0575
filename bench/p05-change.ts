import { join } from "node:path";
import type { Benchmark, Row } from "./harness/benchmark.ts";
import { PACKAGES } from "./harness/ground.ts";
import { alternate, timed } from "./harness/measure.ts";
import { prepareWide, uvEnvironment } from "./harness/wide.ts";

/** A pure package outside of the wide set, with no dependencies: it is put in old, made newer, and removed. */
const NAME = "cachetools";
const OLD = `${NAME}==5.3.3`;
const NEW = `${NAME}==5.5.2`;

/** One package of many changes, warm: what that costs beside an environment that is there. */
export const change: Benchmark = {
  id: "P5",
  async run(ground) {
    await prepareWide(ground);
    const venv = join(ground.scratch, "venv");
    uvEnvironment(ground, venv);
    const python = join(venv, "bin", "python");
    const uv = (verb: string, ...args: readonly string[]) =>
      void ground.run([ground.uv.path, "pip", verb, "--quiet", "--python", python, ...args]);
    ground.run([ground.skerry, "create", "change", "--full", "--python", ground.python.path, "-r", PACKAGES]);
    const ours = (verb: string, ...args: readonly string[]) =>
      void ground.run([ground.skerry, verb, "change", ...args]);
    // Both caches get both wheels.
    for (const version of [OLD, NEW]) {
      uv("install", version);
      ours("install", version);
    }
    uv("uninstall", NAME);
    ours("uninstall", NAME);
    const steps = [
      { work: "install", own: () => ours("install", "--offline", OLD), peer: () => uv("install", "--offline", OLD) },
      { work: "upgrade", own: () => ours("install", "--offline", NEW), peer: () => uv("install", "--offline", NEW) },
      { work: "uninstall", own: () => ours("uninstall", NAME), peer: () => uv("uninstall", NAME) },
    ];
    // Each round goes through all three; one step at a time is measured.
    const rows: Row[] = [];
    for (const [at, { work }] of steps.entries()) {
      const side = (which: "own" | "peer") => async () => {
        let took = 0;
        for (const [i, step] of steps.entries()) {
          if (i === at) took = await timed(step[which]);
          else step[which]();
        }
        return took;
      };
      const [own, theirs] = await alternate(3 * ground.rounds, [{ work: side("own") }, { work: side("peer") }]);
      rows.push({
        id: "P5",
        work: `${work} one package of a full environment of the wide set`,
        unit: "ms",
        ours: own,
        peer: { name: `uv pip ${work === "uninstall" ? work : "install --offline"}`, figure: theirs },
        target: { ratio: 1.1 },
      });
    }
    return rows;
  },
};
