import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { EMPTY_LOCK } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import type { Begun } from "../../ledger/intents.ts";
import { type Context, realizedOf } from "../context.ts";
import { applyPackages, type PackageState, sweepTrees } from "./apply.ts";

/** Puts an environment's packages back to what the record says; the intent ends. The caller holds the lease. */
export async function rollBackChange(
  context: Context,
  record: EnvironmentRecord,
  { to, owner }: Extract<Begun, { readonly kind: "change" }>,
  op: Operation,
): Promise<void> {
  if (to) {
    const lock = (to.lock === null ? undefined : context.ledger.locks.get(to.lock)) ?? EMPTY_LOCK;
    const before = stateOf(context, record);
    await applyPackages(
      context,
      { record, realized: realizedOf(context, record) },
      { lock: before.lock, trees: before.trees, from: { lock, trees: to.trees } },
      op,
    );
    // What it led to isn't needed any more.
    context.ledger.intents.note(record.id, { kind: "change" }, owner);
  }
  await sweepTrees(context, record);
  context.ledger.intents.end(record.id);
}

/** The packages that an environment is recorded to have. @throws SKE-STATE-CORRUPT */
export function stateOf(context: Context, record: EnvironmentRecord): PackageState {
  const lock = record.lock === null ? EMPTY_LOCK : context.ledger.locks.get(record.lock);
  if (!lock)
    throw new SkerryError("SKE-STATE-CORRUPT", `The lock of ${record.name} isn't in the ledger`, {
      hint: "create the environment anew",
    });
  return { lock, trees: record.trees };
}
