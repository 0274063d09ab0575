import { dirname } from "node:path";
import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import { ownerOf } from "../engines/pointer.ts";
import type { Context } from "./context.ts";

/** The environment that the nearest `.venv` says it belongs to. */
interface Here {
  readonly record: EnvironmentRecord;
  /** Where the `.venv` lies. */
  readonly prefix: string;
  /** `moved`: the environment's prefix was there, and isn't at its recorded place any more. */
  readonly relation: "own" | "moved" | "copy";
}

/** Looks for a `.venv` with a pointer in this folder and those above it; undefined when there is none. */
export function lookHere({ cwd, ledger }: Pick<Context, "cwd" | "ledger">): Here | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const prefix = `${folder}/.venv`;
    const id = ownerOf(prefix);
    const record = id === undefined ? undefined : ledger.environments.byId(id);
    if (record?.spec.prefix !== undefined) {
      const isThere = ownerOf(record.spec.prefix) === id;
      return { record, prefix, relation: record.spec.prefix === prefix ? "own" : isThere ? "copy" : "moved" };
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** @throws SKE-ENV-NOT-FOUND that says what the `.venv` here is instead */
export function refuseHere({ record, prefix, relation }: Here): never {
  const of = `${prefix} ${relation === "copy" ? "is a copy of" : "was moved from"} ${record.spec.prefix}, the prefix of ${record.name}`;
  throw new SkerryError("SKE-ENV-NOT-FOUND", `There is no environment of this folder: ${of}`, {
    hint:
      relation === "copy"
        ? `use ${record.name} by its name, or remove the copy and create one here: skerry create --prefix .venv`
        : "skerry repair . takes it up where it is now",
    details: { name: record.name, prefix },
  });
}
