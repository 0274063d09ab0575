import { SkerryError } from "../core/error.ts";
import { type Table, tableOf } from "../core/table.ts";
import { NotToml, parseToml } from "../core/toml.ts";
import { ioError, readWhole } from "../platform/files.ts";

/** What another tool's files say that an environment should be. */
export interface Imported {
  /** The file or folder that it was read from, absolute. */
  readonly source: string;
  /** A request for an interpreter. */
  readonly python?: string;
  /** PEP 508 requirement lines. */
  readonly requirements: readonly string[];
  /** Requirements files, absolute. */
  readonly files: readonly string[];
  /** Project folders in editable form, absolute. */
  readonly editables: readonly string[];
  /** The versions that were in use, by normalised name: to be taken where they fit. */
  readonly versions: Readonly<Record<string, string>>;
  /** What couldn't be carried over, and what to do about it: one sentence each. */
  readonly notes: readonly string[];
}

/** The largest file that is read, in bytes: lock files of large projects have some megabytes. */
const MAX_BYTES = 32 * 1024 * 1024;

/** An import of nothing, to build on. */
export function nothingFrom(source: string): Imported {
  return { source, requirements: [], files: [], editables: [], versions: {}, notes: [] };
}

/** The text of a file of another tool. @param most bytes that it may have @throws SKE-IO, also when it is too large */
export function readForeign(path: string, most: number = MAX_BYTES): string {
  try {
    return readWhole(path, most).toString("utf8");
  } catch (error) {
    throw ioError("read", path, error);
  }
}

/** A TOML file as a table. @throws SKE-IO, SKE-USAGE when it isn't TOML */
export function readTomlFile(path: string): Table {
  try {
    return parseToml(readForeign(path));
  } catch (error) {
    if (error instanceof NotToml) throw notUnderstood(path, error.what, error);
    throw error;
  }
}

/** The error for a file that isn't what its name says. */
export function notUnderstood(path: string, reason: string, cause?: unknown): SkerryError {
  return new SkerryError("SKE-USAGE", `${path} can't be imported: ${reason}`, {
    hint: "correct the file, or import another one",
    cause,
  });
}

/** A member that is a table; an empty one for anything else. */
export function tableIn(table: unknown, key: string): Table {
  return tableOf(memberOf(table, key));
}

/** A member that is a list; an empty one for anything else. */
export function listIn(table: unknown, key: string): readonly unknown[] {
  const value = memberOf(table, key);
  return Array.isArray(value) ? value : [];
}

/** A member that is a text. */
export function textIn(table: unknown, key: string): string | undefined {
  const value = memberOf(table, key);
  return typeof value === "string" ? value : undefined;
}

function memberOf(table: unknown, key: string): unknown {
  return Object.hasOwn(tableOf(table), key) ? tableOf(table)[key] : undefined;
}
