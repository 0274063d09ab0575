import { type Operation, warnOf } from "../../core/operation.ts";
import { emptyTrash } from "../../platform/remove.ts";
import { sweepScratch } from "../../store/scratch.ts";
import { sweepUnfinished } from "../../store/upkeep.ts";
import type { Context } from "../context.ts";
import { collectExpired } from "./expire.ts";
import { recoverIfLeft } from "./hold.ts";

/**
 * Finishes or takes back what killed processes left half done, and removes a few environments whose time has come.
 * Called when the state is opened; costs three reads when there is nothing to do. What others are at is left alone.
 */
export async function recoverAll(context: Context, op: Operation): Promise<void> {
  const left = context.ledger.intents.list();
  for (const { environment } of left) {
    try {
      await recoverIfLeft(context, environment, op);
    } catch (error) {
      // One environment that can't be recovered now must not shut out all the others: doctor names it.
      warnOf(op, error);
    }
  }
  await collectExpired(context, op);
  // Whoever was killed may have been building for the store as well, or have had no intent yet.
  if ((await sweepScratch(context.paths)) === 0 && context.ledger.intents.list().length >= left.length) return;
  await sweepUnfinished(context.paths);
  await emptyTrash(context.paths);
}
