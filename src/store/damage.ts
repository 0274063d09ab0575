import { chmodSync, lstatSync, type Stats } from "node:fs";
import { isErrno } from "../core/error.ts";
import { fileTime, isSameTime, setFileTime } from "../platform/file-time.ts";
import { hashFile } from "../platform/hash-file.ts";
import { damageError, damageTo, type TreeDamage } from "./damage-error.ts";
import type { FileRow, Tree } from "./shapes.ts";
import { readFileRows } from "./tree.ts";

/** What is wrong with a file of a tree. */
export interface Damage {
  /** In the prefix. */
  readonly path: string;
  readonly what: "missing" | "size" | "mtime" | "mode" | "content";
}

/** What differs between a file and its row, by stat; undefined when nothing does. Change time and link count don't count: links change them. */
export function compareFile(stat: Stats | undefined, row: FileRow): Damage["what"] | undefined {
  if (!stat?.isFile()) return "missing";
  if (stat.size !== row[1]) return "size";
  if (!isSameTime(fileTime(stat), row[2])) return "mtime";
  return (stat.mode & 0o7777) === row[3] ? undefined : "mode";
}

/** What stands at a path, no link followed; undefined for nothing, also where a file or a closed folder is in the way to it. */
export function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isErrno(error, "ENOTDIR", "EACCES")) return undefined;
    throw error;
  }
}

/** Whether a file can be read and has the content of its row. */
export function hasContent(path: string, row: FileRow): boolean {
  try {
    return hashFile(path) === row[4];
  } catch {
    return false;
  }
}

/**
 * Whether a file, such as an environment's own, is that of a row, whatever its mode is: by size and time, else by content.
 * @param deep by content in any case
 */
export function isFileOf(path: string, stat: Stats, row: FileRow, deep = false): boolean {
  if (!stat.isFile() || stat.size !== row[1]) return false;
  return (!deep && isSameTime(fileTime(stat), row[2])) || hasContent(path, row);
}

/**
 * What is wrong with a file of the store; undefined when nothing is. Its content decides, and is read only where size,
 * time and mode don't vouch for it. What came out of an archive or was copied has another time or mode: it gets its own
 * back, so that this costs once, and so that bytecode fits its source again.
 * @param deep read it in any case
 */
export function inspectFile(path: string, row: FileRow, deep = false): Damage["what"] | undefined {
  const what = compareFile(statOf(path), row);
  if (what === undefined) return deep && !hasContent(path, row) ? "content" : undefined;
  if (what !== "mtime" && what !== "mode") return what;
  restore(() => chmodSync(path, row[3]));
  if (!hasContent(path, row)) return "content";
  restore(() => setFileTime(path, row[2]));
  return undefined;
}

/** Gives a file something back; what may not be changed, as in a state folder that can only be read, stays as it is. */
function restore(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "EROFS", "ENOENT")) throw error;
  }
}

/** Compares every file of a tree with its manifest by stat and by content: reads it all. */
export function verifyTree(tree: Tree): Damage[] {
  return readFileRows(tree).flatMap((row) => {
    const what = inspectFile(`${tree.root}/${row[0]}`, row, true);
    return what === undefined ? [] : [{ path: row[0], what }];
  });
}

/** What of these files of a tree differs from its manifest; empty when nothing does. See {@link inspectFile}. */
export function damageIn(tree: Tree, rows: readonly FileRow[]): TreeDamage[] {
  const paths = rows.filter((row) => inspectFile(`${tree.root}/${row[0]}`, row)).map((row) => row[0]);
  return paths.length === 0 ? [] : [damageTo(tree, paths)];
}

/** Compares every file of trees with their manifests. @throws SKE-STORE-DAMAGED when one differs */
export function refuseDamaged(trees: readonly Tree[]): void {
  const damaged = trees.flatMap((tree) => damageIn(tree, readFileRows(tree)));
  if (damaged.length > 0) throw damageError(damaged);
}
