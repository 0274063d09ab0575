// The project's tasks, as `npm run <task>`, `npm test` and `./skerry` start them through scripts/run.mjs.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { build } from "./tasks/build.ts";
import { at, run, succeeds, TaskError } from "./tasks/command.ts";
import { writeDocs } from "./tasks/docs.ts";
import { lintScripts } from "./tasks/lint-scripts.ts";
import { writePins } from "./tasks/pins.ts";
import { test } from "./tasks/test.ts";

const TASKS: Record<string, (args: readonly string[]) => void | Promise<void>> = {
  build,
  test,
  lint(args) {
    const checks: [string, ...string[]][] = [
      ["tsc", "-p", "tsconfig.json"],
      ["tsc", "-p", "tsconfig.test.json"],
      ["biome", "check", "--error-on-warnings", ...args],
      ["knip", "--no-config-hints"],
    ];
    const failed = checks.filter(([name, ...rest]) => !succeeds(at(`node_modules/.bin/${name}`), rest));
    const wrong = [...failed.map((check) => check.join(" ")), ...lintScripts()];
    if (wrong.length > 0) throw new TaskError(`not all checks passed: ${wrong.join(", ")}`);
  },
  format(args) {
    run(at("node_modules/.bin/biome"), ["check", "--write", ...args]);
  },
  async docs() {
    for (const path of await writeDocs()) console.error(`wrote ${path}`);
  },
  /** Records the types of the public library as they are now. */
  async baseline() {
    await build(["--if-stale"]);
    const { BASELINE, writeBaseline } = await import("./tasks/baseline.ts");
    writeBaseline();
    console.error(`wrote ${BASELINE}`);
  },
  /** Renews the versions and hashes of uv and pip that Skerry fetches. */
  pins(args) {
    writePins(args);
  },
  async bench(args) {
    if (!existsSync(at("bench/main.ts"))) throw new TaskError("bench/main.ts isn't there yet");
    await build(["--if-stale"]);
    run(process.execPath, [at("bench/main.ts"), ...args]);
  },
  async soak(args) {
    // It brings in all of src/, which no other task needs.
    const { soak } = await import("./tasks/soak.ts");
    await soak(args);
  },
  /** Runs a command with the project's Bun, in the caller's folder. */
  run(args) {
    process.exit(spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 125);
  },
};

const [name = "", ...args] = process.argv.slice(2);
try {
  const task = TASKS[name];
  if (!task) throw new TaskError(`no task is named "${name}"; there are ${Object.keys(TASKS).join(", ")}`);
  await task(args);
} catch (error) {
  if (!(error instanceof TaskError)) throw error;
  console.error(`error: ${error.message}`);
  process.exit(1);
}
