import { lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import { isErrno } from "../core/error.ts";
import { isFileOf } from "./damage.ts";
import { linkFinder } from "./links.ts";
import type { Drift } from "./report.ts";
import type { FileRow } from "./shapes.ts";

/**
 * Which of these files may be removed. As with any installer, what stands at a path in site-packages goes; outside of it,
 * a file that isn't the one that was put there (edited configuration, a script of the user's) is kept.
 */
export function removable(
  prefix: string,
  sitePackages: string,
  rows: readonly FileRow[],
): { paths: string[]; kept: Drift[] } {
  const paths = new Set<string>();
  const changed = new Set<string>();
  for (const row of rows) {
    const inside = row[0].startsWith(`${sitePackages}/`);
    const stat = inside ? undefined : lstatSync(`${prefix}/${row[0]}`, { throwIfNoEntry: false });
    if (stat && !isFileOf(`${prefix}/${row[0]}`, stat, row)) changed.add(row[0]);
    else paths.add(row[0]);
  }
  const reason = "was changed since it was put there, and is kept";
  const kept = [...changed].filter((path) => !paths.has(path)).map((path) => ({ path, reason }));
  return { paths: [...paths], kept };
}

/**
 * Removes files of a prefix, the bytecode of sources among them (whatever wrote it), and the folders that this leaves
 * empty. Folders in `keep` and their parents stay. What isn't there is fine; a folder at a file's place stays, and so does
 * what a link leads to.
 * @returns the number of files in `paths` that were there
 */
export function removeFiles(prefix: string, paths: readonly string[], keep: readonly string[]): number {
  let removed = 0;
  const folders = new Set<string>();
  const modules = new Map<string, Set<string>>();
  const linkTo = linkFinder(prefix);
  for (const path of paths) {
    if (linkTo(dirname(path)) !== undefined) continue;
    if (unlinkFile(`${prefix}/${path}`)) removed++;
    const folder = dirname(path);
    folders.add(folder);
    if (!path.endsWith(".py")) continue;
    const names = modules.get(folder) ?? new Set();
    modules.set(folder, names.add(basename(path, ".py")));
  }
  for (const [folder, names] of modules)
    if (linkTo(`${folder}/__pycache__`) === undefined) removeBytecode(prefix, folder, names, folders);
  removeEmpty(prefix, folders, keep);
  return removed;
}

function unlinkFile(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isDirectory()) return false;
  unlinkSync(path);
  return true;
}

function removeBytecode(prefix: string, folder: string, names: ReadonlySet<string>, folders: Set<string>): void {
  const cache = `${folder}/__pycache__`;
  for (const entry of list(`${prefix}/${cache}`)) {
    // `name.cpython-312.pyc`, `name.cpython-312.opt-1.pyc`, `name.cpython-312-pytest-8.3.4.pyc`
    if (entry.endsWith(".pyc") && names.has(entry.slice(0, entry.indexOf("."))))
      unlinkFile(`${prefix}/${cache}/${entry}`);
  }
  folders.add(cache);
}

function removeEmpty(prefix: string, folders: Iterable<string>, keep: readonly string[]): void {
  const kept = new Set([".", ...keep]);
  for (const path of keep) for (let up = dirname(path); up !== "."; up = dirname(up)) kept.add(up);
  const all = new Set<string>();
  for (const folder of folders) for (let up = folder; !kept.has(up) && !all.has(up); up = dirname(up)) all.add(up);
  // The deepest first: a longer path is never the parent of a shorter one.
  for (const folder of [...all].sort((a, b) => b.length - a.length)) {
    try {
      rmdirSync(`${prefix}/${folder}`);
    } catch (error) {
      if (!isErrno(error, "ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR")) throw error;
    }
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}
