// On the warm path: imports nothing heavy.
import { lstatSync, realpathSync, statSync } from "node:fs";
import type { EnvironmentRecord } from "../core/environment.ts";
import type { Variables } from "../core/variables.ts";
import { searchedFolders } from "./folders.ts";
import { PROJECT_KINDS, type ProjectKind } from "./kind.ts";
import { ownerOf } from "./pointer.ts";

/** A prefix that says which environment it belongs to. Whoever packs a folder can let it say anything. */
export interface Pointed {
  readonly prefix: string;
  readonly id: string;
  /** The kind of project that has its environment there. */
  readonly kind: ProjectKind;
}

/** What a folder has for an environment. */
export interface FolderEnvironment {
  readonly record: EnvironmentRecord;
  /** What stands where the folder's environment is looked for. */
  readonly prefix: string;
  readonly kind: ProjectKind;
  /**
   * `own`: that is the environment's prefix, and the folder has it. Else it has none, for what stands there is a `link`, of
   * `another` user, a `copy`, or was `moved` from where the record has it, and is nowhere else.
   */
  readonly relation: "own" | "link" | "another" | "copy" | "moved";
}

/**
 * The prefixes that may be a folder's, the nearest first: in it and in those above it that count for it (see
 * {@link searchedFolders}), so that no checkout takes that of another one around it.
 */
export function* pointersAbove(folder: string, env: Variables): Generator<Pointed> {
  for (const one of searchedFolders(realpathSync(folder), env, { acrossDevices: true }).folders) {
    for (const kind of PROJECT_KINDS) {
      const prefix = `${one === "/" ? "" : one}/${kind.place}`;
      const id = ownerOf(prefix);
      if (id !== undefined) yield { prefix, id, kind };
    }
  }
}

/**
 * The environment that a folder has: the nearest prefix of one that `byId` knows. A prefix that names none of those is
 * somebody else's, and passed over; one that isn't what it says is no environment, nor is what lies above it. The scripts
 * for other programs (shims, the shell hook, `_skerry_entry.py`) do the same in their languages; a table of cases in
 * tests/worktrees/environment-of.test.ts holds them together.
 * @param env HOME of the caller
 * @param byId the ledger's row
 */
export function environmentOf(
  folder: string,
  env: Variables,
  byId: (id: string) => EnvironmentRecord | undefined,
): FolderEnvironment | undefined {
  for (const { prefix, id, kind } of pointersAbove(folder, env)) {
    const record = byId(id);
    if (record?.spec.prefix === undefined) continue;
    return { record, prefix, kind, relation: relationOf(prefix, record.spec.prefix, id) };
  }
  return undefined;
}

/** @param recorded where the record has the prefix */
function relationOf(prefix: string, recorded: string, id: string): FolderEnvironment["relation"] {
  const here = lstatSync(prefix);
  if (here.isSymbolicLink()) return "link";
  if (here.uid !== process.geteuid?.()) return "another";
  const there = statSync(recorded, { throwIfNoEntry: false });
  // Also by a link in its path that came later.
  if (there?.ino === here.ino && there.dev === here.dev) return "own";
  return ownerOf(recorded) === id ? "copy" : "moved";
}
