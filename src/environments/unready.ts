import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import type { Context } from "./context.ts";

/**
 * The record of an environment that is neither being made nor being removed at the moment: of such a one only a part
 * could be told.
 * @throws SKE-ENV-BUSY, SKE-ENV-NOT-FOUND
 */
export function refuseUnready({ ledger }: Pick<Context, "ledger">, id: string): EnvironmentRecord {
  const record = ledger.environments.byId(id);
  if (!record) {
    throw new SkerryError("SKE-ENV-NOT-FOUND", `The environment ${id} is gone`, {
      hint: "skerry ls lists the environments",
    });
  }
  if (record.status === "ready") return record;
  throw busy(record.name, record.status === "creating" ? "created" : "removed");
}

/** The error for an environment of which nobody can tell how it is: its engine reaches nobody who could. */
export function lostError(doing: string, name: string, [why]: readonly string[]): SkerryError {
  return new SkerryError("SKE-ENGINE-LOST", `Could not ${doing} ${name}: ${why ?? "its engine can't be reached"}`, {
    hint: "skerry doctor tells what the engine needs; nothing was changed",
  });
}

/** The error for an environment that another process is at. */
export function busy(name: string, what: "created" | "changed" | "removed"): SkerryError {
  return new SkerryError("SKE-ENV-BUSY", `${name} is just being ${what} by another process`, {
    hint: "try again when that is done; skerry ls tells how it stands",
  });
}
