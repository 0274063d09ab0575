import type { Benchmark } from "./harness/benchmark.ts";
import { alternate } from "./harness/measure.ts";

/** An example of what people ask for: about 25 packages once resolved. */
const WITH = ["requests", "rich", "flask", "httpx", "pydantic"].flatMap((name) => ["--with", name]);

/** A command with five packages that were used before. */
export const run: Benchmark = {
  id: "P1",
  async run(ground) {
    const { path } = ground.python;
    const ours = [ground.skerry, "run", "--python", path, ...WITH, "--", "python", "-c", "pass"];
    const uvRun = [ground.uv.path, "run", "--no-project", "--python", path, ...WITH];
    // Ours first: uv's environment links to uv's cache, and a start-up file of the interpreter may write through the links.
    ground.run(ours);
    ground.run([...uvRun, "python", "-c", "pass"]);
    const theirs = [...uvRun, "--offline", "python", "-c", "pass"];
    const [own, uv] = await alternate(3 * ground.rounds, [
      { work: () => void ground.run(ours) },
      { work: () => void ground.run(theirs) },
    ]);
    return [
      {
        id: "P1",
        work: "run python -c pass with 5 packages, warm",
        unit: "ms",
        ours: own,
        peer: { name: "uv run --with --offline", figure: uv },
        target: { ratio: 0.35 },
      },
    ];
  },
};
