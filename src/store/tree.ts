import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { isErrno } from "../core/error.ts";
import { fileTime } from "../platform/file-time.ts";
import type { StatePaths } from "../platform/paths.ts";

/** Version of what lies in the store. It is part of every key: another format never meets this one's trees. */
export const STORE_FORMAT = 2;

/**
 * One file of a tree: path in the prefix, size in bytes, time of modification in whole milliseconds since 1970 (as
 * doubles, in which finer times have no one form in all runtimes), permission bits, SHA-256 in hexadecimal, and 1 when
 * an environment gets its own writable copy, 0 when it may be linked (see policy.ts).
 */
export type FileRow = readonly [path: string, size: number, mtimeMs: number, mode: number, sha256: string, own: 0 | 1];

/** What a manifest says of a tree besides its files. */
export interface TreeHeader {
  readonly format: number;
  readonly key: string;
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
  /** The manifest: its header as JSON in the first line, {@link FileRow}s as JSON in the second. */
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
 * does, which is written last. A manifest that can't be read as one (a power failure) counts as none.
 */
export function openTree(folder: string, key: string, isPrivate = false): Tree | undefined {
  const manifest = `${folder}/${key}.json`;
  const stat = statSync(manifest, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const stamp = `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
  const known = cache.get(manifest);
  if (known?.stamp === stamp) return known.tree;
  const header = readHeader(manifest, stat.size);
  if (header === undefined) return undefined;
  const tree: Tree = { ...header, root: `${folder}/${key}`, manifest, private: isPrivate, usedAt: fileTime(stat) };
  cache.set(manifest, { stamp, tree });
  return tree;
}

/** Room for most headers; the rows behind them are up to a hundred times as long. */
const head = Buffer.allocUnsafe(4096);

function readHeader(manifest: string, size: number): TreeHeader | undefined {
  try {
    const fd = openSync(manifest, "r");
    try {
      const length = readSync(fd, head, 0, head.length, 0);
      const end = head.subarray(0, length).indexOf("\n");
      const line = end < 0 ? readFileSync(manifest, "utf8").split("\n", 1)[0]! : head.toString("utf8", 0, end);
      const header = JSON.parse(line) as TreeHeader;
      // Of one that was cut short, the end is missing.
      const from = length === size ? size - 2 : 0;
      const to = length === size ? size : readSync(fd, head, 0, 2, Math.max(0, size - 2));
      return header.format === STORE_FORMAT && head.toString("latin1", from, to) === "]\n" ? header : undefined;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof SyntaxError || isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** The text of a manifest. */
export function printManifest(header: TreeHeader, files: readonly FileRow[]): string {
  return `${JSON.stringify(header)}\n${JSON.stringify(files)}\n`;
}

/** The rows of a manifest, sorted by path. Reads the file: keep what is needed more than once. */
export function readFileRows(manifest: string): FileRow[] {
  const text = readFileSync(manifest, "utf8");
  return JSON.parse(text.slice(text.indexOf("\n") + 1)) as FileRow[];
}
