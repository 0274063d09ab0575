// On the warm path: imports nothing heavy.
import { realpathSync } from "node:fs";
import type { EnvironmentRecord } from "../core/environment.ts";
import { searchedFolders, type Variables } from "../project/folders.ts";
import { ownerOf, PREFIXES } from "./pointer.ts";

/** A prefix that says which environment it belongs to. Whoever packs a folder can let it say anything. */
export interface Pointed {
  readonly prefix: string;
  readonly id: string;
}

/** What a folder has for an environment. */
export interface FolderEnvironment {
  readonly record: EnvironmentRecord;
  /** Where that lies. */
  readonly prefix: string;
  /** `moved`: the environment's prefix was there, and isn't at its recorded place any more. */
  readonly relation: "own" | "moved" | "copy";
}

/**
 * The prefixes that may be a folder's, the nearest first: in it and in those above it that count for it (see
 * {@link searchedFolders}), so that no checkout takes that of another one around it.
 */
export function* pointersAbove(folder: string, env: Variables): Generator<Pointed> {
  for (const one of searchedFolders(realpathSync(folder), env, { acrossDevices: true }).folders) {
    for (const place of PREFIXES) {
      const prefix = `${one === "/" ? "" : one}/${place}`;
      const id = ownerOf(prefix);
      if (id !== undefined) yield { prefix, id };
    }
  }
}

/**
 * The environment that a folder has: the nearest prefix of one that `byId` knows. A prefix that names none of those is
 * somebody else's, and passed over; one that names another place than it lies in is no environment, nor is what lies
 * above it. The scripts for other programs (shims, the shell hook, `_skerry_entry.py`) do the same in their languages.
 * @param env HOME of the caller
 * @param byId the ledger's row
 */
export function environmentOf(
  folder: string,
  env: Variables,
  byId: (id: string) => EnvironmentRecord | undefined,
): FolderEnvironment | undefined {
  for (const { prefix, id } of pointersAbove(folder, env)) {
    const record = byId(id);
    if (record?.spec.prefix === undefined) continue;
    const isThere = ownerOf(record.spec.prefix) === id;
    return { record, prefix, relation: record.spec.prefix === prefix ? "own" : isThere ? "copy" : "moved" };
  }
  return undefined;
}
