import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openSkerry } from "../../src/index.ts";
import { cleanEnvironment } from "../../tests/rig/clean-environment.ts";
import { endure } from "../../tests/rig/endure.ts";
import { startIndex } from "../../tests/rig/index.ts";
import { newestPython } from "../../tests/rig/pythons.ts";
import { TEST_CACHE, uvFolder } from "../../tests/rig/uv.ts";
import { buildWheel } from "../../tests/rig/wheel.ts";
import { seconds, TaskError } from "./command.ts";

/** How often to look, at least and in all: a look reads the whole state folder. */
const LOOKS = { every: 10, all: 20 };

const WHEELS = [
  buildWheel({ name: "alpha", version: "1.0", requires: ["beta"], scripts: { alpha: "alpha:main" } }),
  buildWheel({ name: "beta", version: "1.0" }),
];

/** `npm run soak -- [--cycles N]`: makes and removes environments over and over. @throws TaskError when something is left */
export async function soak(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { cycles: { type: "string", default: "10000" } } });
  const cycles = Number(values.cycles);
  if (!Number.isInteger(cycles) || cycles < 2 * LOOKS.every)
    throw new TaskError(`--cycles takes a number of ${2 * LOOKS.every} or more`);
  const root = realpathSync(mkdtempSync(join(tmpdir(), "skerry-soak-")));
  const remove = () => rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  process.on("exit", remove);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(1));
  const left = await rounds(root, cycles);
  if (left.length > 0) throw new TaskError(`environments that came and went left something:\n  ${left.join("\n  ")}`);
}

async function rounds(root: string, cycles: number): Promise<string[]> {
  await using index = await startIndex({ distributions: WHEELS });
  const clean = cleanEnvironment(TEST_CACHE);
  const folders = { HOME: join(root, "home"), TMPDIR: join(root, "tmp"), SKERRY_HOME: join(root, "state") };
  for (const folder of Object.values(folders)) mkdirSync(folder, { mode: 0o700 });
  const indexes = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
  const env = { ...clean, ...indexes, ...folders, PATH: `${clean.PATH}:${uvFolder()}` };
  await using skerry = await openSkerry({ env, cwd: root });
  const asked = { mode: "thin" as const, python: newestPython().path, requirements: ["alpha"] };
  const started = Date.now();
  return await endure(skerry, {
    turns: cycles,
    every: Math.max(LOOKS.every, Math.floor(cycles / LOOKS.all)),
    async turn() {
      const environment = await skerry.create(asked);
      await environment.destroy();
    },
    onLook({ turns, files, rss }) {
      console.log(`${turns} cycles in ${seconds(started)}: ${files} files, ${Math.round(rss / 2 ** 20)} MiB of memory`);
    },
  });
}
