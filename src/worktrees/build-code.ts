import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "smol-toml";
import { digest } from "../core/json.ts";
import { hashFile } from "../platform/hash-file.ts";

/** How many files are looked at; a project that brings more of a build backend along never counts as known. */
const MOST_FILES = 1000;

/**
 * Says what installing a project runs of the project itself, so that what the user has run once can be told from what a
 * branch has made of it: the files that say what is installed, whole, Python files at the root (setup.py, hooks, what
 * these import from beside them), and the backend that a project brings along (`backend-path` of PEP 517).
 * @param read the files that were read: see ProjectSources
 */
export function buildDigest(root: string, read: readonly string[]): string {
  const beside = readdirSync(root).filter((name) => name.endsWith(".py") && isFile(join(root, name)));
  const backends = backendPaths(read).flatMap((path) => filesBelow(join(root, path)));
  const files = [...new Set([...read, ...beside.map((name) => join(root, name)), ...backends])].sort();
  if (files.length > MOST_FILES) return digest([root, Date.now()]);
  return digest(files.map((path) => [path.slice(root.length), hashFile(path)]));
}

function backendPaths(read: readonly string[]): string[] {
  const pyproject = read.find((path) => basename(path) === "pyproject.toml");
  if (pyproject === undefined) return [];
  const { "build-system": build } = parse(readFileSync(pyproject, "utf8"), { maxDepth: 64 });
  const paths = (build as { "backend-path"?: unknown } | undefined)?.["backend-path"];
  return Array.isArray(paths) ? paths.map(String) : [];
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => !path.endsWith(".pyc"))
    .map((path) => join(folder, path))
    .filter(isFile);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
