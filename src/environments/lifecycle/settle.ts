import type { EnvironmentRecord } from "../../core/environment.ts";
import type { Operation } from "../../core/operation.ts";
import type { Begun, Intent } from "../../ledger/intents.ts";
import { removeLockFile } from "../../platform/lease.ts";
import { type Context, environmentLease, realizedOf } from "../context.ts";
import { sweepTrees } from "../packages/home.ts";
import { rollBackChange } from "../packages/roll-back.ts";

type Settler<K extends Intent["kind"]> = (
  context: Context,
  record: EnvironmentRecord,
  intent: Extract<Begun, { readonly kind: K }>,
  op: Operation,
) => Promise<void>;

/** How each kind of intent ends when what it set out to do didn't: each can be killed at any moment, and run again. */
const SETTLERS: { readonly [K in Intent["kind"]]: { readonly outcome: string; readonly settle: Settler<K> } } = {
  create: {
    outcome: "taken back",
    async settle(context, record, _, op) {
      // The engine may have got anywhere: its own state is recorded only at the end.
      await realizedOf(context, { ...record, state: null }).destroy(op);
      context.ledger.environments.delete(record.id);
    },
  },
  change: { outcome: "taken back", settle: rollBackChange },
  repair: {
    outcome: "stopped, to be repaired again",
    // Each of its steps stands by itself, and what it didn't come to is found again.
    async settle(context, record) {
      await sweepTrees(context, record);
      context.ledger.intents.end(record.id);
    },
  },
  destroy: {
    outcome: "finished",
    async settle(context, record, { because }, op) {
      const started = performance.now();
      await realizedOf(context, record).destroy(op);
      const tell = context.ledger.write(() => {
        context.ledger.environments.delete(record.id);
        return context.events.record(
          "environment.destroyed",
          { engine: record.engine, cached: record.cacheKey !== null, ...(because === undefined ? {} : { because }) },
          { environment: record, durationMs: performance.now() - started },
        );
      });
      tell(op);
    },
  },
};

/**
 * Finishes or takes back what an intent set out to do; then the intent is gone. The caller holds its environment alone.
 * @returns what came of it, for events
 */
export async function settle(context: Context, intent: Begun, op: Operation): Promise<string> {
  const { ledger, paths } = context;
  const record = ledger.environments.byId(intent.environment);
  const { outcome, settle: finish } = SETTLERS[intent.kind];
  if (record) await (finish as Settler<Intent["kind"]>)(context, record, intent as never, op);
  // No other environment ever has its id.
  if (!ledger.environments.byId(intent.environment)) removeLockFile(paths, environmentLease(intent.environment));
  return outcome;
}
