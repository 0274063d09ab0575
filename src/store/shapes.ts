/** What of a header says until when its files are sure to be read as they were written; absent: on the disk for good. */
export interface Sealed {
  readonly boot?: string | undefined;
}

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
