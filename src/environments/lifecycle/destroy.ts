import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import type { Operation } from "../../core/operation.ts";
import type { ProcessRow } from "../../ledger/processes.ts";
import { isHidden, mayBeAlive, namePid, selfIdentity } from "../../platform/identity.ts";
import { acquireLease, removeLockFile } from "../../platform/lease.ts";
import { type Context, environmentLease, realizedOf } from "../context.ts";
import { withCommandLine } from "../running.ts";

/**
 * Removes an environment and everything of its own, from any state. An environment that is gone already is no error.
 * @returns false when there was nothing to remove
 * @throws SKE-ENV-BUSY while commands run in it and `force` isn't set; SKE-LOCKED; SKE-HOOK-REFUSED
 */
export async function destroyEnvironment(
  context: Context,
  id: string,
  options: { readonly force?: boolean },
  op: Operation,
): Promise<boolean> {
  const { ledger } = context;
  const asked = ledger.environments.byId(id);
  if (!asked) return false;
  return context.events.tellFailure("destroy", asked, async () => {
    await context.hooks.ask("before-destroy", { environment: asked }, op);
    using _lease = await acquireLease(context.paths, environmentLease(id), {
      mode: "exclusive",
      timeoutMs: (await context.safeConfig()).lock_timeout,
      op,
    });
    const record = ledger.environments.byId(id);
    if (!record) return false;
    refuseUnfinished(context, record);
    await removeNow(context, record, op, options);
    return true;
  });
}

/** @throws SKE-ENV-BUSY while a living process creates the environment: it holds no lease, only its intent tells */
export function refuseUnfinished({ ledger }: Context, record: EnvironmentRecord): void {
  const intent = ledger.intents.of(record.id);
  if (intent?.kind !== "create" || !mayBeAlive(intent.owner, intent.createdAt)) return;
  throw new SkerryError("SKE-ENV-BUSY", `${record.name} is still being created by process ${namePid(intent.owner)}`, {
    hint: "wait for it, or end that process: what it made is then taken back",
    details: { environment: record.id, pid: intent.owner.pid },
  });
}

/**
 * Removes an environment. The caller holds a lease that keeps others from changing it.
 * @param options.onlyWhen why it goes by itself; when there is no reason any more, it stays
 * @returns false when it stays
 * @throws SKE-ENV-BUSY unless `force`
 */
export async function removeNow(
  context: Context,
  record: EnvironmentRecord,
  op: Operation,
  options: {
    readonly force?: boolean;
    readonly onlyWhen?: (record: EnvironmentRecord) => string | undefined;
  } = {},
): Promise<boolean> {
  const { ledger } = context;
  const { force = false, onlyWhen } = options;
  // In one transaction with the check, so that nothing starts in between.
  const running = ledger.write(() => {
    // First, for what is found to have ended counts as a use until now.
    const found = ledger.processes.running(record.id);
    const now = onlyWhen && ledger.environments.byId(record.id);
    const because = now && onlyWhen(now);
    if (onlyWhen && because === undefined) return undefined;
    if (found.length > 0 && !force) throw busyError("remove", record, found, "remove the environment with --force");
    const left = ledger.intents.of(record.id);
    if (left) ledger.intents.end(left.id);
    ledger.intents.begin(record.id, "destroy", because === undefined ? {} : { because }, selfIdentity());
    ledger.environments.update(record.id, { status: "destroying" });
    return found;
  });
  if (!running) return false;
  if (running.length > 0) {
    const { stopTree } = await import("../../platform/process-tree.ts");
    await Promise.all(running.map((row) => stopTree(row.ref, { graceMs: 2000, includeRoot: true })));
  }
  await finishDestroy(context, record, op);
  return true;
}

/** Why something can't be done to an environment: a command runs in it. */
export function busyError(
  doing: string,
  record: EnvironmentRecord,
  running: readonly ProcessRow[],
  otherwise: string,
): SkerryError {
  const [first, ...others] = running;
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  const what = `pid ${namePid(first!.ref)} (${withCommandLine(first!).command.join(" ").slice(0, 80)})${more} still runs in it`;
  return new SkerryError("SKE-ENV-BUSY", `Could not ${doing} ${record.name}: ${what}`, {
    hint: isHidden(first!.ref)
      ? `stop it there; if that container is gone, ${otherwise}`
      : `stop it, or ${otherwise}, which stops it`,
    details: { environment: record.id, pids: running.map((row) => row.ref.pid) },
  });
}

/** The part of a destroy that follows its intent; recovery calls it again. */
export async function finishDestroy(context: Context, record: EnvironmentRecord, op: Operation): Promise<void> {
  const { ledger } = context;
  const started = performance.now();
  await realizedOf(context, record).destroy(op);
  const tell = ledger.write(() => {
    const { because } = (ledger.intents.of(record.id)?.payload ?? {}) as { readonly because?: string };
    forget(context, record.id);
    return context.events.record(
      "environment.destroyed",
      { engine: record.engine, cached: record.cacheKey !== null, ...(because === undefined ? {} : { because }) },
      { environment: record, durationMs: performance.now() - started },
    );
  });
  // No other environment ever has its id.
  removeLockFile(context.paths, environmentLease(record.id));
  tell();
}

/** Deletes every row of an environment. Call it inside a transaction. */
export function forget({ ledger }: Context, id: string): void {
  ledger.processes.deleteOf(id);
  const intent = ledger.intents.of(id);
  if (intent) ledger.intents.end(intent.id);
  ledger.environments.delete(id);
}
