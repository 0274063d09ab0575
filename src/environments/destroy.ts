import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import type { ProcessRow } from "../ledger/processes.ts";
import { selfIdentity } from "../platform/identity.ts";
import { acquireLease } from "../platform/lease.ts";
import { type Context, environmentLease, realizedOf } from "./context.ts";

/** The processes that still run in an environment; rows of those that ended are removed on the way. */
export function runningIn({ ledger }: Context, id: string): ProcessRow[] {
  return ledger.write(() => ledger.processes.running(id));
}

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
  await context.hooks.ask("before-destroy", { environment: asked }, op);
  using _lease = await acquireLease(context.paths, environmentLease(id), {
    mode: "exclusive",
    timeoutMs: (await context.config()).lock_timeout,
    op,
    command: context.command,
  });
  const record = ledger.environments.byId(id);
  if (!record) return false;
  await stopProcesses(context, record, options.force ?? false);
  ledger.write(() => {
    const left = ledger.intents.of(id);
    if (left) ledger.intents.end(left.id);
    ledger.intents.begin(id, "destroy", {}, selfIdentity());
    ledger.environments.update(id, { status: "destroying" });
  });
  await finishDestroy(context, record, op);
  return true;
}

async function stopProcesses(context: Context, record: EnvironmentRecord, force: boolean): Promise<void> {
  const running = runningIn(context, record.id);
  const [first] = running;
  if (!first) return;
  if (!force) {
    const more = running.length > 1 ? ` and ${running.length - 1} more` : "";
    throw new SkerryError(
      "SKE-ENV-BUSY",
      `Could not remove ${record.name}: pid ${first.ref.pid} (${first.command.join(" ").slice(0, 80)})${more} still runs in it`,
      {
        hint: "stop it, or remove the environment with --force, which stops it",
        details: { environment: record.id, pids: running.map((row) => row.ref.pid) },
      },
    );
  }
  const { stopTree } = await import("../platform/process-tree.ts");
  await Promise.all(running.map((row) => stopTree(row.ref, { graceMs: 2000, includeRoot: true })));
  context.ledger.write(() => {
    for (const row of running) context.ledger.processes.delete(row.id);
  });
}

/** The part of a destroy that follows its intent; recovery calls it again. */
export async function finishDestroy(context: Context, record: EnvironmentRecord, op: Operation): Promise<void> {
  const { ledger } = context;
  const started = performance.now();
  await realizedOf(context, record).destroy(op);
  const tell = ledger.write(() => {
    forget(context, record.id);
    return context.events.record(
      "environment.destroyed",
      { engine: record.engine, cached: record.cacheKey !== null },
      { environment: record, durationMs: performance.now() - started },
    );
  });
  tell();
}

/** Deletes every row of an environment. Call it inside a transaction. */
export function forget({ ledger }: Context, id: string): void {
  ledger.processes.deleteOf(id);
  const intent = ledger.intents.of(id);
  if (intent) ledger.intents.end(intent.id);
  ledger.environments.delete(id);
}
