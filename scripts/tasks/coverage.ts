import { readdirSync, readFileSync } from "node:fs";
import { at } from "./command.ts";

/** Least shares of lines that tests must run, by the beginning of the paths they hold for. */
const LEAST = { "src/": 0.8, "src/core/": 0.9, "src/store/": 0.9 } as const;

/** How many lines of a module can run, and how many did. */
export interface Lines {
  readonly path: string;
  readonly all: number;
  readonly run: number;
}

/**
 * Prints what share of src/ ran, the modules with the most lines that didn't first.
 * @returns what falls short, for people; what a child process ran isn't seen
 */
export function checkCoverage(lcovFile: string): string[] {
  const lines = withUnseen(linesIn(readFileSync(lcovFile, "utf8")));
  const worst = lines.toSorted((a, b) => b.all - b.run - (a.all - a.run)).slice(0, 15);
  console.error("lines that no test ran:");
  for (const { path, all, run } of worst) console.error(`  ${String(all - run).padStart(5)} of ${all}  ${path}`);
  return Object.entries(LEAST).flatMap(([prefix, least]) => {
    const share = shareOf(lines.filter(({ path }) => path.startsWith(prefix)));
    console.error(`coverage of ${prefix}: ${(share * 100).toFixed(1)} %`);
    return share < least ? [`coverage of ${prefix} is below ${least * 100} %`] : [];
  });
}

/** Reads the modules of src/ from an LCOV report (`SF:` path, `LF:` lines found, `LH:` lines hit). */
export function linesIn(lcov: string): Lines[] {
  const records = lcov.split("end_of_record").map((record) => {
    const field = (name: string) => new RegExp(`^${name}:(.*)$`, "m").exec(record)?.[1] ?? "";
    return { path: field("SF"), all: Number(field("LF")), run: Number(field("LH")) };
  });
  return records.filter(({ path }) => path.startsWith("src/"));
}

/** Adds the modules that no test imported: none of their lines ran. */
function withUnseen(seen: readonly Lines[]): Lines[] {
  const known = new Set(seen.map(({ path }) => path));
  const modules = readdirSync(at("src"), { recursive: true, encoding: "utf8" }).map((name) => `src/${name}`);
  const unseen = modules.filter((path) => path.endsWith(".ts") && !known.has(path));
  return [...seen, ...unseen.map((path) => ({ path, all: linesOfCode(readFileSync(at(path), "utf8")), run: 0 }))];
}

/** Lines that remain of a module without its types, comments and imports: what a module of types alone has none of. */
export function linesOfCode(text: string): number {
  const code = new Bun.Transpiler({ loader: "ts" }).transformSync(text);
  return code.split("\n").filter((line) => !/^\s*$|^(import|export) .*from "|^export \{ *\};$/.test(line)).length;
}

function shareOf(lines: readonly Lines[]): number {
  const all = lines.reduce((sum, one) => sum + one.all, 0);
  return all === 0 ? 1 : lines.reduce((sum, one) => sum + one.run, 0) / all;
}
