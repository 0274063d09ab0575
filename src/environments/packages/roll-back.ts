import type { EnvironmentRecord } from "../../core/environment.ts";
import { EMPTY_LOCK } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import type { Begun } from "../../ledger/intents.ts";
import type { Context } from "../context.ts";
import { homeOf, hostOf, stateOf, sweepTrees } from "./home.ts";

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
    const move = { lock: before.lock, trees: before.trees, from: { lock, trees: to.trees } };
    await homeOf(context, record).apply(hostOf(context), move, op);
    // What it led to isn't needed any more.
    context.ledger.intents.note(record.id, { kind: "change" }, owner);
  }
  await sweepTrees(context, record);
  context.ledger.intents.end(record.id);
}
