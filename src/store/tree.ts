import { join } from "node:path";
import { fileTime } from "../platform/file-time.ts";
import { lookAt } from "../platform/look.ts";
import type { StatePaths } from "../platform/paths.ts";
import { damageError, damageTo, FILE_LIST } from "./damage-error.ts";
import { readFirstLine, readManifest } from "./manifest.ts";
import { isFileRow, isTreeHeader } from "./manifest-shape.ts";
import type { FileRow, Tree } from "./shapes.ts";

/** Folder that holds the trees which all environments share. */
export function treesFolder(paths: StatePaths): string {
  return join(paths.store, "trees");
}

/**
 * What of a path decides whether two trees may meet there: the first component below site-packages; the whole path of
 * anything else, and of bytecode of modules that stand directly in site-packages.
 */
export function topOf(path: string, sitePackages: string): string {
  if (!path.startsWith(`${sitePackages}/`)) return path;
  const end = path.indexOf("/", sitePackages.length + 1);
  if (end === -1) return path;
  const top = path.slice(0, end);
  return top.endsWith("/__pycache__") ? path : top;
}

const cache = new Map<string, { readonly stamp: string; readonly tree: Tree }>();

/**
 * The tree with this key in a folder of trees; undefined when there is none: a tree exists if and only if its manifest
 * does, which is written last. One that can't be read as a manifest, or whose folder is gone, counts as none.
 */
export function openTree(folder: string, key: string, isPrivate = false): Tree | undefined {
  const manifest = `${folder}/${key}.json`;
  const stat = lookAt(manifest);
  if (stat === undefined) return undefined;
  const stamp = `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
  const known = cache.get(manifest);
  let tree = known?.stamp === stamp ? known.tree : undefined;
  if (tree === undefined) {
    const header = readFirstLine(manifest, stat.size, 2);
    if (!isTreeHeader(header, key)) return undefined;
    const root = `${folder}/${header.folder ?? key}`;
    tree = { ...header, root, manifest, private: isPrivate, usedAt: fileTime(stat) };
    cache.set(manifest, { stamp, tree });
  }
  return lookAt(tree.root)?.isDirectory() ? tree : undefined;
}

/** The rows of a manifest, sorted by path; undefined when it is damaged. Reads the file: keep what is needed more than once. */
export function readRows(manifest: string): FileRow[] | undefined {
  const rows = readManifest(manifest, 2)?.[1];
  return Array.isArray(rows) && rows.every(isFileRow) ? rows : undefined;
}

/** The same of a tree. @throws SKE-STORE-DAMAGED (see damageOf) */
export function readFileRows(tree: Tree): FileRow[] {
  const rows = readRows(tree.manifest);
  if (rows === undefined) throw damageError([damageTo(tree, [FILE_LIST])]);
  return rows;
}
