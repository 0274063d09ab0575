import { join } from "node:path";
import type { Benchmark } from "./harness/benchmark.ts";
import { type Ground, PACKAGES, remove } from "./harness/ground.ts";
import { alternate, command, type Side } from "./harness/measure.ts";

/** Each round downloads the wide set once a side. */
const MOST_ROUNDS = 3;

/** Installing the wide set where nothing was ever downloaded. */
export const cold: Benchmark = {
  id: "P6",
  onlyWhenNamed: "it downloads more than 1 GB and takes many minutes",
  async run(ground) {
    const python = ground.python.path;
    const [own, uv, pip] = await alternate(Math.min(ground.rounds, MOST_ROUNDS), [
      fromNothing(ground, () => [[ground.skerry, "create", "cold", "--python", python, "-r", PACKAGES]]),
      fromNothing(ground, (venv) => [
        [ground.uv.path, "venv", "--quiet", "--python", python, venv],
        [ground.uv.path, "pip", "install", "--quiet", "--python", join(venv, "bin", "python"), "-r", PACKAGES],
      ]),
      fromNothing(ground, (venv) => [
        [python, "-m", "venv", venv],
        [join(venv, "bin", "python"), "-m", "pip", "install", "--quiet", "-r", PACKAGES],
      ]),
    ]);
    const work = "one full environment of the wide set, nothing downloaded before";
    return [
      {
        id: "P6",
        work,
        unit: "ms",
        ours: own,
        peer: { name: "uv venv + uv pip install", figure: uv },
        target: { ratio: 1.15 },
      },
      {
        id: "P6",
        work,
        unit: "ms",
        ours: own,
        peer: { name: "python -m venv + pip install", figure: pip },
        target: { ratio: 0.3 },
      },
    ];
  },
};

/** A side whose state and caches are empty in each round; it is given a folder for its virtual environment. */
function fromNothing(ground: Ground, commands: (venv: string) => string[][]): Side {
  const folder = join(ground.scratch, "cold");
  const env = {
    ...ground.env,
    SKERRY_HOME: join(folder, "state"),
    UV_CACHE_DIR: join(folder, "uv-cache"),
    PIP_CACHE_DIR: join(folder, "pip-cache"),
  };
  return {
    work() {
      for (const argv of commands(join(folder, "venv"))) command(argv, { cwd: ground.cwd, env });
    },
    after: () => remove(folder),
  };
}
