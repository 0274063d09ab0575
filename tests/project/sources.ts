import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** The root of the checkout. */
export const ROOT = join(import.meta.dirname, "../..");

/** Paths of the project's files, relative to the root: those that Git tracks or would track. */
export function projectFiles(...patterns: readonly string[]): string[] {
  const list = execFileSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...patterns],
    {
      cwd: ROOT,
      encoding: "utf8",
      timeout: 20_000,
    },
  );
  return list.split("\0").filter((path) => path !== "" && existsSync(join(ROOT, path)));
}

/** The text of a file of the project. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** One import of a module, static, dynamic or for types. */
export interface Import {
  readonly from: string;
  /** As written. */
  readonly specifier: string;
  /** The file of the project that it names; undefined for packages and built-in modules. */
  readonly to: string | undefined;
  /** Whether the other module runs before this one does: not for types alone, nor for `import()`. */
  readonly onLoad: boolean;
  /** Whether it is an `import()`. */
  readonly onDemand: boolean;
}

const STATEMENT = /^(?:import|export)\b(?<type> type\b)?[^;"]*?"(?<specifier>[^"\n]+)"/gm;
const DYNAMIC = /\bimport\("(?<specifier>[^"\n]+)"\)/g;

/** What a module imports. */
export function importsOf(from: string): Import[] {
  const text = read(from);
  const statements = [...text.matchAll(STATEMENT)].filter(([all]) => /\bfrom "|^import "/.test(all));
  const dynamic = [...text.matchAll(DYNAMIC)];
  return [...statements, ...dynamic].map((match) => {
    const specifier = match.groups?.specifier ?? "";
    const to = specifier.startsWith(".") ? normalize(join(dirname(from), specifier)) : undefined;
    const onDemand = match[0].startsWith("import(");
    return { from, specifier, to, onLoad: !match.groups?.type && !onDemand, onDemand };
  });
}

/** All modules of src/. */
export const MODULES: readonly string[] = projectFiles("src/*.ts", "src/**/*.ts");

/** The room a module of src/ is in: its first folder, or its own name right under src/. */
export function roomOf(path: string): string {
  return path.split("/")[1]?.replace(/\.ts$/, "") ?? "";
}
