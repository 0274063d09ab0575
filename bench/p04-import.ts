import { rmSync } from "node:fs";
import { join } from "node:path";
import type { PackageMode } from "../src/index.ts";
import type { Benchmark, Row } from "./harness/benchmark.ts";
import { PACKAGES } from "./harness/ground.ts";
import { alternate, type Side } from "./harness/measure.ts";
import { prepareWide, uvEnvironment } from "./harness/wide.ts";

const PROGRAM = ["-c", "import flask, pandas, requests, rich"];

/** A fresh environment of the wide set, and the first import of four of its packages. */
export const firstImport: Benchmark = {
  id: "P4",
  async run(ground) {
    await prepareWide(ground);
    const venv = join(ground.scratch, "venv");
    const own = (mode: PackageMode): Side => ({
      work() {
        const options = [`--${mode}`, "--python", ground.python.path, "-r", PACKAGES];
        ground.run([ground.skerry, "create", "fresh", ...options]);
        ground.run([ground.skerry, "exec", "fresh", "--", "python", ...PROGRAM]);
      },
      after: () => ground.run([ground.skerry, "rm", "fresh"]),
    });
    const [thin, full, uv] = await alternate(ground.rounds, [
      own("thin"),
      own("full"),
      {
        work() {
          uvEnvironment(ground, venv);
          ground.run([join(venv, "bin", "python"), ...PROGRAM]);
        },
        after: () => rmSync(venv, { recursive: true }),
      },
    ]);
    const row = (mode: PackageMode, ours: number): Row => ({
      id: "P4",
      work: `one fresh ${mode} environment of the wide set, then the first import of pandas, flask, requests and rich`,
      unit: "ms",
      ours,
      peer: { name: "uv venv + uv pip sync + import", figure: uv },
      target: { ratio: 0.35 },
    });
    return [row("thin", thin), row("full", full)];
  },
};
