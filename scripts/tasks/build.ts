import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { at, ROOT, run, seconds } from "./command.ts";
import { embedTexts } from "./embed.ts";

const INPUTS = ["src", "package.json", "package-lock.json"];
const PARTS = {
  library: { made: "dist/index.js", make: makeLibrary },
  executable: { made: "dist/skerry", make: makeExecutable },
};

/**
 * `build [library|executable] [--if-stale]`: makes dist/. Builders wait for each other, and each finished file is
 * renamed into place, so that one that is in use stays whole.
 */
export function build(args: readonly string[]): void {
  const wanted = Object.entries(PARTS).filter(([name]) => args.includes(name));
  const ifStale = args.includes("--if-stale");
  exclusively(() => {
    for (const [name, part] of wanted.length ? wanted : Object.entries(PARTS)) {
      if (ifStale && isFresh(at(part.made))) continue;
      const started = Date.now();
      part.make();
      // What is saved while the build runs is newer than its result.
      utimesSync(at(part.made), started / 1000, started / 1000);
      console.error(`skerry: built the ${name} (${seconds(started)})`);
    }
  });
}

/** Whether nothing that the file is built from, folders included, is newer than it. */
function isFresh(made: string): boolean {
  const time = statSync(made, { throwIfNoEntry: false })?.mtimeMs;
  if (time === undefined) return false;
  const inputs = INPUTS.flatMap((input) => [input, ...under(input)]);
  return inputs.every((input) => (statSync(at(input), { throwIfNoEntry: false })?.mtimeMs ?? 0) <= time);
}

/** Paths of all files and folders below one of the checkout, relative to the root. */
function under(path: string): string[] {
  if (!statSync(at(path)).isDirectory()) return [];
  return readdirSync(at(path), { recursive: true, encoding: "utf8" }).map((name) => join(path, name));
}

/** Runs `work` under a lock that the kernel frees when this process dies. */
function exclusively(work: () => void): void {
  mkdirSync(at("node_modules/.cache"), { recursive: true });
  const lock = new DatabaseSync(at("node_modules/.cache/skerry-build.lock"), { timeout: 10 * 60_000 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
    work();
  } finally {
    lock.close();
  }
}

function makeLibrary(): void {
  withTemporary(".library", (folder) => {
    run(at("node_modules/.bin/tsc"), ["-p", "tsconfig.build.json", "--outDir", folder]);
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const files = names.filter((name) => statSync(join(folder, name)).isFile());
    for (const name of files) {
      if (name.endsWith(".js")) embedTexts(join(folder, name), join("src", name));
      mkdirSync(dirname(at(`dist/${name}`)), { recursive: true });
      renameSync(join(folder, name), at(`dist/${name}`));
    }
    const entries = entriesFor(readFileSync(at("dist/index.js"), "utf8"));
    for (const [name, text] of Object.entries(entries)) writeFileSync(at(`dist/${name}`), text);
    const kept = new Set([...files, ...Object.keys(entries), "skerry"]);
    for (const name of under("dist").map((path) => path.slice("dist/".length))) {
      const isOld = !name.startsWith(".") && !kept.has(name) && statSync(at(`dist/${name}`)).isFile();
      if (isOld) rmSync(at(`dist/${name}`));
    }
  });
}

/**
 * What `import` and `require` of the package come to first. An older Node.js can't parse the library, and would only
 * name the first line that it doesn't understand; these it can, and they say what is needed.
 * @param index the library's own entry, which names what it exports
 */
function entriesFor(index: string): Readonly<Record<string, string>> {
  const { engines } = JSON.parse(readFileSync(at("package.json"), "utf8")) as { engines: { node: string } };
  const oldest = engines.node.replace(">=", "");
  const lists = [...index.matchAll(/^export \{([^}]*)\}/gm)].map((found) => found[1]!);
  const names = lists.flatMap((list) => list.split(",").map((name) => name.trim().replace(/^.* as /, "")));
  const guard = `const { bun, node } = process.versions;
if (bun === undefined && parseInt(node, 10) < ${oldest}) {
  throw new Error("skerry needs Node.js ${oldest} or newer, or Bun, and this is Node.js " + node);
}
`;
  return {
    "entry.js": `${guard}export const { ${names.filter(Boolean).join(", ")} } = await import("./index.js");\n`,
    "entry.cjs": `"use strict";\n${guard}module.exports = require("./index.js");\n`,
  };
}

function makeExecutable(): void {
  const workers = under("src").filter((path) => path.endsWith("-worker.ts"));
  withTemporary(".executable", (folder) => {
    mkdirSync(folder);
    // Splitting and bytecode bring the start down to a few milliseconds; the autoload switches keep a bunfig.toml or
    // .env of the folder that Skerry is started in from running anything.
    run(process.execPath, [
      ...["build", "src/cli/main.ts", ...workers, "--root", "src", "--compile", "--splitting", "--bytecode"],
      ...["--format=esm", "--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"],
      ...["--compile-autoload-package-json", "--outfile", join(folder, "skerry")],
    ]);
    renameSync(join(folder, "skerry"), at("dist/skerry"));
  });
}

function withTemporary(prefix: string, work: (folder: string) => void): void {
  const folder = join(ROOT, "dist", `${prefix}-${process.pid}`);
  mkdirSync(dirname(folder), { recursive: true });
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
