import { chmodSync, constants, copyFileSync, linkSync, lstatSync, mkdirSync, renameSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { isErrno } from "../core/error.ts";
import { setFileTime } from "../platform/file-time.ts";
import { inspectFile } from "./damage.ts";
import { FILE_LIST } from "./damage-error.ts";
import { linkFinder } from "./links.ts";
import type { FileRow } from "./shapes.ts";
import { readRows } from "./tree.ts";

/** How the content of files comes from the store. */
export type LinkMethod = "reflink" | "hardlink" | "copy";

/** How files are linked. Plain data: it is sent to workers. */
export interface LinkOptions {
  /** Where they go, absolute. */
  readonly prefix: string;
  /** Folder in which copies are made before they get their name; made when one is; in the prefix, or beside it. */
  readonly stage: string;
  readonly method: LinkMethod;
  /** Link every file, those that want a copy of their own too: for what is itself sealed. */
  readonly sealed: boolean;
}

/** The files of one tree that are to be linked. */
export interface LinkItem {
  readonly root: string;
  readonly manifest: string;
  /** Paths to leave out, or the only ones to take. */
  readonly skip?: readonly string[];
  readonly only?: readonly string[];
  /** Copy everything. */
  readonly copy: boolean;
}

/** What linking did, by item number. */
export interface LinkOutcome {
  /** Files by the method that made them. */
  reflink: number;
  hardlink: number;
  copy: number;
  /** Files that differ from their manifest: they weren't taken. */
  readonly damaged: [item: number, path: string][];
  /** Files at whose place something else stands already, or whose folder can't be made. */
  readonly occupied: [item: number, row: FileRow][];
}

/** An outcome of nothing. */
export function emptyOutcome(): LinkOutcome {
  return { reflink: 0, hardlink: 0, copy: 0, damaged: [], occupied: [] };
}

/** Links the files of trees, each after a comparison with its row. One for each thread: it knows the folders it made. */
export class Linker {
  readonly outcome = emptyOutcome();
  private readonly options: LinkOptions;
  private readonly made = new Set<string>();
  private readonly linkTo: (folder: string) => string | undefined;
  private readonly suffix: string;
  private counter = 0;

  constructor(options: LinkOptions, thread: number) {
    this.options = options;
    this.linkTo = linkFinder(options.prefix);
    this.suffix = `${process.pid}-${thread}-`;
  }

  /** @throws the operating system's error, for want of space or permission */
  linkItem(item: LinkItem, index: number): void {
    let rows = readRows(item.manifest);
    if (rows === undefined) {
      this.outcome.damaged.push([index, FILE_LIST]);
      return;
    }
    if (item.skip) {
      const skip = new Set(item.skip);
      rows = rows.filter((row) => !skip.has(row[0]));
    }
    if (item.only) {
      const only = new Set(item.only);
      rows = rows.filter((row) => only.has(row[0]));
    }
    this.linkRows(item.root, rows, item.copy, index);
  }

  /** Links these files of a folder; `index` stands for it in the outcome. */
  linkRows(root: string, rows: readonly FileRow[], copy: boolean, index: number): void {
    for (const row of rows) {
      const source = `${root}/${row[0]}`;
      if (inspectFile(source, row)) this.outcome.damaged.push([index, row[0]]);
      else if (!this.place(source, row, copy)) this.outcome.occupied.push([index, row]);
    }
  }

  /** Puts a file where nothing stands. @returns false when something does */
  private place(source: string, row: FileRow, copy: boolean): boolean {
    const target = `${this.options.prefix}/${row[0]}`;
    if (!this.makeFolder(dirname(row[0]))) return false;
    if (this.links(row, copy)) {
      try {
        linkSync(source, target);
        this.outcome.hardlink++;
        return true;
      } catch (error) {
        if (isErrno(error, "EEXIST", "ENOTDIR")) return false;
        if (!isErrno(error, "EXDEV", "EMLINK", "EPERM", "ENOTSUP", "EOPNOTSUPP")) throw error;
      }
    }
    if (lstatSync(target, { throwIfNoEntry: false })) return false;
    renameSync(this.copyAside(source, row), target);
    return true;
  }

  /** Replaces what stands at a file's place, in one step. @returns false for a place behind a link, which stays */
  replace(source: string, row: FileRow, copy: boolean): boolean {
    if (this.linkTo(dirname(row[0])) !== undefined) return false;
    const target = `${this.options.prefix}/${row[0]}`;
    if (this.links(row, copy)) {
      const aside = this.asidePath();
      try {
        linkSync(source, aside);
        this.outcome.hardlink++;
        renameSync(aside, target);
        return true;
      } catch (error) {
        if (!isErrno(error, "EXDEV", "EMLINK", "EPERM", "ENOTSUP", "EOPNOTSUPP")) throw error;
      }
    }
    renameSync(this.copyAside(source, row), target);
    return true;
  }

  /** Whether a file is to be a hardlink. */
  links(row: FileRow, copy: boolean): boolean {
    return this.options.method === "hardlink" && !copy && (this.options.sealed || row[5] === 0);
  }

  /** Copies keep the time of modification, which bytecode is checked against. */
  private copyAside(source: string, row: FileRow): string {
    const aside = this.asidePath();
    const reflink = this.options.method === "reflink";
    copyFileSync(source, aside, reflink ? constants.COPYFILE_FICLONE : 0);
    chmodSync(aside, row[3]);
    setFileTime(aside, row[2]);
    this.outcome[reflink ? "reflink" : "copy"]++;
    return aside;
  }

  private asidePath(): string {
    mkdirSync(this.options.stage, { recursive: true });
    return `${this.options.stage}/${this.suffix}${++this.counter}`;
  }

  /** @param folder relative @returns false where a file or link is in the way */
  private makeFolder(folder: string): boolean {
    if (this.made.has(folder)) return true;
    if (this.linkTo(folder) !== undefined) return false;
    try {
      mkdirSync(`${this.options.prefix}/${folder}`, { recursive: true });
    } catch (error) {
      if (isErrno(error, "EEXIST", "ENOTDIR")) return false;
      throw error;
    }
    this.made.add(folder);
    return true;
  }
}

const reflinks = new Map<string, boolean>();

/** Whether a stage's file system can share the blocks of a file: tried once for each pair of file systems. */
export function canReflink(source: string, stage: string): boolean {
  const pair = `${lstatSync(source).dev} ${lstatSync(dirname(stage)).dev}`;
  let can = reflinks.get(pair);
  if (can === undefined) {
    const probe = `${stage}/reflink-probe`;
    try {
      mkdirSync(stage, { recursive: true });
      copyFileSync(source, probe, constants.COPYFILE_FICLONE_FORCE);
      unlinkSync(probe);
      can = true;
    } catch {
      can = false;
    }
    reflinks.set(pair, can);
  }
  return can;
}
