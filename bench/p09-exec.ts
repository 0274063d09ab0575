import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark } from "./harness/benchmark.ts";
import { alternate } from "./harness/measure.ts";

const PROJECT =
  '[project]\nname = "asked"\nversion = "0"\nrequires-python = ">=3.8"\ndependencies = ["requests", "rich"]\n';

/** A command that does nothing, in an environment that is there. */
export const exec: Benchmark = {
  id: "P9",
  async run(ground) {
    const { path } = ground.python;
    const project = ground.folder("project");
    writeFileSync(join(project, "pyproject.toml"), PROJECT);
    ground.run([ground.uv.path, "sync", "--quiet", "--python", path], project);
    ground.run([ground.skerry, "create", "exec", "--python", path, "--with", "requests", "--with", "rich"]);
    const [own, uv] = await alternate(3 * ground.rounds, [
      { work: () => void ground.run([ground.skerry, "exec", "exec", "--", "true"]) },
      { work: () => void ground.run([ground.uv.path, "run", "--no-sync", "true"], project) },
    ]);
    return [
      {
        id: "P9",
        work: "exec true in a virtualenv environment",
        unit: "ms",
        ours: own,
        peer: { name: "uv run --no-sync", figure: uv },
        target: { ratio: 0.5 },
      },
    ];
  },
};
