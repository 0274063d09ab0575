import type { Operation } from "../../core/operation.ts";
import type { Context } from "../context.ts";
import type { GcOptions } from "../options.ts";
import { collect, collectIfFree } from "./collect.ts";
import type { CollectionReport } from "./collect-report.ts";

/** How often making environments collects, in milliseconds: once a day. */
const EVERY_MS = 86_400_000;

/** How old and how large what nobody uses may become, as the configuration says. */
export async function configuredLimits(context: Context): Promise<{ maxAgeMs: number; maxBytes: number }> {
  const { cache_max_age, cache_max_size } = await context.safeConfig();
  return { maxAgeMs: cache_max_age, maxBytes: cache_max_size ?? Number.POSITIVE_INFINITY };
}

/** Collects by the limits that are asked for, and for the others by those of the configuration. */
export async function collectAsked(context: Context, asked: GcOptions, op: Operation): Promise<CollectionReport> {
  const configured = await configuredLimits(context);
  const { maxAgeMs = configured.maxAgeMs, maxBytes = configured.maxBytes, dryRun = false } = asked;
  return collect(context, { maxAgeMs, maxBytes, dryRun }, op);
}

/**
 * Collects for a moment, once a day, after an environment was made: so that a state folder doesn't grow without bound
 * where nobody ever asks. Its failure is told as an event only, for what was asked for has succeeded.
 */
export async function collectSometimes(context: Context): Promise<void> {
  if (!isDue(context) || !(await context.safeConfig()).auto_gc || !claim(context)) return;
  const op = context.operation();
  const work = async () => collectIfFree(context, { ...(await configuredLimits(context)), isAutomatic: true }, op);
  await context.events.tellFailure(op, "gc", undefined, work).catch(() => {});
}

const [KIND, KEY] = ["gc", "last"];

function isDue({ ledger }: Context): boolean {
  const last = ledger.cache.get(KIND, KEY);
  return last === undefined || Date.now() - last.at >= EVERY_MS;
}

/** One of those who find that it is due may go on. A state without a last time is new, and has nothing to collect. */
function claim(context: Context): boolean {
  const { ledger } = context;
  return ledger.write(() => {
    const isNew = ledger.cache.get(KIND, KEY) === undefined;
    const isMine = isDue(context);
    if (isMine) ledger.cache.put(KIND, KEY, true);
    return isMine && !isNew;
  });
}
