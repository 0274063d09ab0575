import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileTime, isSameTime } from "../platform/file-time.ts";
import { readIfExists, writeAtomic } from "../platform/files.ts";
import { lookAt } from "../platform/look.ts";
import type { StatePaths } from "../platform/paths.ts";

/** What was found out of a program by running or reading it. */
export interface ToolFact {
  readonly program: string;
  readonly version: string;
}

/** It holds for as long as `stamp`, a file of the program, keeps its times and size. */
interface Memory extends ToolFact {
  readonly stamp: string;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly size: number;
}

type Memories = Record<string, Memory | undefined>;

/** The fact of this name, while it holds. */
export function recall(paths: StatePaths, key: string): ToolFact | undefined {
  const known = read(paths)[key];
  if (known === undefined) return undefined;
  const stat = lookAt(known.stamp);
  const isAsBefore = stat?.size === known.size && isSameTime(fileTime(stat), known.mtimeMs);
  return isAsBefore && stat.ctimeMs === known.ctimeMs ? known : undefined;
}

/** Keeps a fact until `stamp` changes. */
export function remember(paths: StatePaths, key: string, fact: ToolFact & Pick<Memory, "stamp">): void {
  const stat = statSync(fact.stamp);
  mkdirSync(paths.tools, { recursive: true });
  const all = { ...read(paths), [key]: { ...fact, mtimeMs: fileTime(stat), ctimeMs: stat.ctimeMs, size: stat.size } };
  writeAtomic(fileOf(paths), `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
}

/** What a program says of itself, asked once until it changes; undefined where it says nothing. */
export async function remembered(
  paths: StatePaths,
  key: string,
  program: string,
  ask: () => string | undefined | Promise<string | undefined>,
): Promise<string | undefined> {
  const known = recall(paths, key);
  if (known) return known.version;
  const version = await ask();
  if (version !== undefined) remember(paths, key, { program, stamp: program, version });
  return version;
}

function fileOf({ tools }: StatePaths): string {
  return join(tools, "installer.json");
}

function read(paths: StatePaths): Memories {
  try {
    return Object.assign(Object.create(null), JSON.parse(readIfExists(fileOf(paths)) ?? "{}")) as Memories;
  } catch {
    return {};
  }
}
