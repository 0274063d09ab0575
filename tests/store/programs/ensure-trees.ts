// Asks for trees; its installer unpacks wheels and writes each one's name to a log.
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { operation } from "../../../src/core/operation.ts";
import { ensureState, statePaths } from "../../../src/platform/paths.ts";
import { ensureTrees, type Install } from "../../../src/store/build.ts";

const { home, target, packages, site, log } = JSON.parse(readFileSync(process.argv[2]!, "utf8"));
const paths = statePaths(home);
ensureState(paths);
const install: Install = async (missing, prefix) => {
  mkdirSync(join(prefix, site), { recursive: true });
  for (const { name, wheels } of missing) {
    appendFileSync(log, `${name}\n`);
    execFileSync(target.interpreter, ["-m", "zipfile", "-e", wheels![0]!.path!, join(prefix, site)]);
  }
};
const trees = await ensureTrees(paths, { packages, target, installer: "uv", install, op: operation() });
console.log(trees.map(({ root }) => root).join("\n"));
