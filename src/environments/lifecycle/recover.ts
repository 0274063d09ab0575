import type { Operation } from "../../core/operation.ts";
import type { Intent } from "../../ledger/intents.ts";
import { emptyTrash } from "../../platform/files.ts";
import { isAlive, mayBeAlive, selfIdentity } from "../../platform/identity.ts";
import { tryLease } from "../../platform/lease.ts";
import { sweepScratch } from "../../store/scratch.ts";
import { sweepUnfinished } from "../../store/upkeep.ts";
import { type Context, environmentLease, realizedOf } from "../context.ts";
import { sweepTrees } from "../packages/apply.ts";
import { rollBackChange } from "../packages/roll-back.ts";
import { finishDestroy, forget } from "./destroy.ts";
import { collectExpired } from "./expire.ts";

/**
 * Finishes or takes back what killed processes left half done, and removes a few environments whose time has come.
 * Called when the state is opened; costs three reads when there is nothing to do. Intents of living processes are left alone.
 */
export async function recoverAll(context: Context, op: Operation): Promise<void> {
  let recovered = false;
  for (const intent of context.ledger.intents.list()) {
    if (isGoingOn(intent)) continue;
    using lease = tryLease(context.paths, environmentLease(intent.environment), "exclusive");
    if (!lease) continue;
    try {
      await recover(context, intent, op);
      recovered = true;
    } catch (error) {
      // One environment that can't be recovered now must not shut out all the others: doctor names it.
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }
  await collectExpired(context, op);
  // Whoever was killed may have been building for the store as well, or have had no intent yet.
  if ((await sweepScratch(context.paths)) === 0 && !recovered) return;
  await sweepUnfinished(context.paths);
  await emptyTrash(context.paths);
}

/** Whether the process that wrote an intent may be at it. Only a creation holds no lease, by which that is told for sure. */
function isGoingOn({ kind, owner, createdAt }: Intent): boolean {
  return kind === "create" ? mayBeAlive(owner, createdAt) : isAlive(owner);
}

/**
 * Recovers one environment; the caller holds its lease, so an intent that is still there belongs to a dead process or
 * to an earlier failure of this one.
 */
export async function recover(context: Context, intent: Intent, op: Operation): Promise<void> {
  const { ledger } = context;
  if (!ledger.intents.adopt(intent, selfIdentity())) return;
  try {
    // An installer that outlived its process must not go on writing.
    const { killToolsOf } = await import("../../platform/process-tree.ts");
    await killToolsOf(intent.owner);
    await takeUp(context, intent, op);
  } catch (error) {
    // Whoever comes next tries again, though this process lives on.
    ledger.intents.adopt({ ...intent, owner: selfIdentity() }, intent.owner);
    throw error;
  }
}

async function takeUp(context: Context, intent: Intent, op: Operation): Promise<void> {
  const { ledger } = context;
  const record = ledger.environments.byId(intent.environment);
  if (!record) {
    ledger.write(() => forget(context, intent.environment));
    return;
  }
  switch (intent.kind) {
    case "create":
      await realizedOf(context, record).destroy(op);
      ledger.write(() => forget(context, record.id));
      break;
    case "change":
      await rollBackChange(context, record, intent, op);
      break;
    case "repair":
      // Each of its steps stands by itself, and what it didn't come to is found again.
      await sweepTrees(context, record);
      ledger.intents.end(intent.id);
      break;
    case "destroy":
      await finishDestroy(context, record, op);
      break;
  }
  context.events.emit(
    "environment.recovered",
    { from: intent.kind, outcome: OUTCOMES[intent.kind] },
    { environment: record },
  );
}

/** Recovers one environment if a killed process left it half changed; waits for nobody. */
export async function recoverIfLeft(context: Context, id: string, op: Operation): Promise<void> {
  const intent = context.ledger.intents.of(id);
  if (!intent || isGoingOn(intent)) return;
  using lease = tryLease(context.paths, environmentLease(id), "exclusive");
  if (lease) await recover(context, intent, op);
}

const OUTCOMES = {
  create: "taken back",
  change: "taken back",
  repair: "stopped, to be repaired again",
  destroy: "finished",
} as const;
