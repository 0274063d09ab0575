import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

const OLDEST = 24;

/** A Node.js that the library supports: the one on PATH when it is new enough, else one from npm, kept for later runs. */
export function supportedNode(): string {
  return majorOf("node") >= OLDEST ? "node" : fetchedNode(OLDEST);
}

/** A Node.js that is too old for the library: the one on PATH, or one from npm. */
export function olderNode(): string {
  const major = majorOf("node");
  return major >= 20 && major < OLDEST ? "node" : fetchedNode(22);
}

function fetchedNode(major: number): string {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(tmpdir(), `skerry-test-cache-${userInfo().uid}`, major === OLDEST ? "node" : `node${major}`);
  const file = join(folder, "node_modules", name, "bin/node");
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), "{}");
    npm(["install", "--no-save", `${name}@${major}`], folder);
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
