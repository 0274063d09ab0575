import { basename, dirname } from "node:path";
import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import { ownerOf, PREFIXES } from "../engines/pointer.ts";
import { stampOfIndexes } from "../git/checkouts.ts";
import { refuseTracked } from "../git/tracked.ts";
import type { Context } from "./context.ts";

/** The environment that the nearest `.venv`, or pixi's default environment, says it belongs to. */
interface Here {
  readonly record: EnvironmentRecord;
  /** Where that lies. */
  readonly prefix: string;
  /** `moved`: the environment's prefix was there, and isn't at its recorded place any more. */
  readonly relation: "own" | "moved" | "copy";
}

/** Looks for one with a pointer in this folder and those above it; undefined when there is none. @throws SKE-ENV-TRACKED */
export function lookHere({ cwd, ledger }: Pick<Context, "cwd" | "ledger">): Here | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    for (const place of PREFIXES) {
      const prefix = `${folder}/${place}`;
      const id = ownerOf(prefix);
      const record = id === undefined ? undefined : ledger.environments.byId(id);
      if (record?.spec.prefix === undefined) continue;
      refuseTracked(prefix);
      const isThere = ownerOf(record.spec.prefix) === id;
      return { record, prefix, relation: record.spec.prefix === prefix ? "own" : isThere ? "copy" : "moved" };
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** What {@link pixiOwnerAbove} finds. */
interface PixiOwner {
  readonly id: string;
  readonly prefix: string;
  /** Another one where git may have written into it since: see {@link refuseTracked}. */
  readonly stamp: string;
}

/**
 * Id of the environment that the nearest pixi project says is its default one: who runs something there and asks for no
 * packages means that. On the warm path.
 */
export function pixiOwnerAbove(cwd: string): PixiOwner | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const prefix = `${folder}/${PREFIXES[1]}`;
    const id = ownerOf(prefix);
    if (id !== undefined) return { id, prefix, stamp: stampOfIndexes(folder) };
    if (folder === dirname(folder)) return undefined;
  }
}

/** The environment of the pixi project that a folder is in. @throws SKE-ENV-NOT-FOUND for a copy of another one's, SKE-ENV-TRACKED */
export function pixiHere({ cwd, ledger }: Pick<Context, "cwd" | "ledger">): EnvironmentRecord | undefined {
  const found = pixiOwnerAbove(cwd);
  const record = found && ledger.environments.byId(found.id);
  if (record?.spec.prefix === undefined || record.status !== "ready") return undefined;
  refuseTracked(found!.prefix);
  if (record.spec.prefix === found?.prefix) return record;
  const relation = ownerOf(record.spec.prefix) === record.id ? "copy" : "moved";
  return refuseHere({ record, prefix: found!.prefix, relation });
}

/** @throws SKE-ENV-NOT-FOUND that says what the prefix here is instead */
export function refuseHere({ record, prefix, relation }: Here): never {
  const of = `${prefix} ${relation === "copy" ? "is a copy of" : "was moved from"} ${record.spec.prefix}, the prefix of ${record.name}`;
  throw new SkerryError("SKE-ENV-NOT-FOUND", `There is no environment of this folder: ${of}`, {
    hint:
      relation === "copy"
        ? `use ${record.name} by its name, or remove the copy and create one here: skerry create --prefix ${basename(prefix) === ".venv" ? ".venv" : ".pixi/envs/default --engine pixi"}`
        : "skerry repair . takes it up where it is now",
    details: { name: record.name, prefix },
  });
}
