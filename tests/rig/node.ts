import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

const OLDEST = 24;

/** A Node.js that the library supports: the one on PATH when it is new enough, else one from npm, kept for later runs. */
export function supportedNode(): string {
  if (majorOf("node") >= OLDEST) return "node";
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(tmpdir(), `skerry-test-cache-${userInfo().uid}`, "node");
  const file = join(folder, "node_modules", name, "bin/node");
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), "{}");
    npm(["install", "--no-save", `${name}@${OLDEST}`], folder);
  }
  return file;
}

/** Runs npm, whose install scripts never run. @returns what it wrote to standard output */
export function npm(args: readonly string[], cwd: string): string {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  return execFileSync("npm", [...args, ...quiet], { cwd, encoding: "utf8", timeout: 170_000, maxBuffer: 1 << 26 });
}

function majorOf(node: string): number {
  try {
    return Number(
      execFileSync(node, ["-p", "process.versions.node"], { encoding: "utf8", timeout: 20_000 }).split(".")[0],
    );
  } catch {
    return 0;
  }
}
