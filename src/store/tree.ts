import { join } from "node:path";
import { fileTime } from "../platform/file-time.ts";
import { lookAt } from "../platform/look.ts";
import type { StatePaths } from "../platform/paths.ts";
import { damageError, damageTo, FILE_LIST } from "./damage-error.ts";
import type { Sealed } from "./durable.ts";
import { readFirstLine, readManifest } from "./manifest.ts";
import { isFileRow, isTreeHeader } from "./manifest-shape.ts";

/**
 * One file of a tree: path in the prefix, size in bytes, time of modification in whole milliseconds since 1970 (as
 * doubles, in which finer times have no one form in all runtimes), permission bits, SHA-256 in hexadecimal, and 1 when
 * an environment gets its own writable copy, 0 when it may be linked (see policy.ts).
 */
export type FileRow = readonly [path: string, size: number, mtimeMs: number, mode: number, sha256: string, own: 0 | 1];

/** What a manifest says of a tree besides its files. */
export interface TreeHeader extends Sealed {
  readonly format: number;
  readonly key: string;
  /** Name of its folder, which is another one each time it is made anew; absent: the key. */
  readonly folder?: string;
  /** Normalised as PEP 503 says. */
  readonly name: string;
  readonly version: string;
  /** Name of its `.dist-info` folder. */
  readonly distInfo: string;
  /** What it was built for, for people: `cpython 3.12.1 cpython-312 linux-x86_64 glibc 2.36`. */
  readonly target: string;
  /** What it was built from, for people: an address, a path, or `index`. */
  readonly source: string;
  /** `lib/python3.12/site-packages` */
  readonly sitePackages: string;
  /** Number of files and sum of their sizes. */
  readonly count: number;
  readonly bytes: number;
  /** What two trees must have in common to claim the same path (see {@link topOf}). */
  readonly tops: readonly string[];
  /** Rows of the files that even a thin environment has itself: those outside of site-packages. */
  readonly apart: readonly FileRow[];
  /** Names of the `.pth` files directly in site-packages. */
  readonly pth: readonly string[];
  /** The lines of `Requires-Dist` in its METADATA, which is long otherwise; absent where an early version wrote it. */
  readonly requires?: readonly string[];
}

/** One wheel, unpacked for one target: a folder that mirrors a Python prefix, and a manifest beside it. */
export interface Tree extends TreeHeader {
  /** The folder, absolute. */
  readonly root: string;
  /** The manifest: its header in the first line, {@link FileRow}s in the second (see manifest.ts). */
  readonly manifest: string;
  /** Built for one environment alone: always copied, in both modes. */
  readonly private: boolean;
  /** When it was last used, as the time of its manifest says (see last-use.ts). */
  readonly usedAt: number;
}

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
