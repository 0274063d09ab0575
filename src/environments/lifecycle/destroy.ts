import { facetOf, type Realized } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import type { Operation } from "../../core/operation.ts";
import type { ProcessRow } from "../../ledger/processes.ts";
import { isOutOfSight, namePid } from "../../platform/identity.ts";
import { type Context, realizedOf } from "../context.ts";
import { seeEnds, withCommandLine } from "../running.ts";
import { lostError } from "../unready.ts";
import { type Held, holdIfThere } from "./hold.ts";

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
  return context.events.tellFailure(op, "destroy", asked, async () => {
    await context.hooks.ask("before-destroy", { environment: asked }, op);
    await using held = await holdIfThere(context, id, "removal", op);
    return held !== undefined && (await removeNow(context, held, op, options));
  });
}

/**
 * Removes an environment that is held for it.
 * @param options.onlyWhen why it goes by itself; when there is no reason any more, it stays
 * @returns false when it stays
 * @throws SKE-ENV-BUSY unless `force`
 */
export async function removeNow(
  context: Context,
  held: Held,
  op: Operation,
  options: {
    readonly force?: boolean;
    readonly onlyWhen?: (record: EnvironmentRecord) => string | undefined;
  } = {},
): Promise<boolean> {
  const { ledger } = context;
  const { force = false, onlyWhen } = options;
  const { id } = held;
  const realized = realizedOf(context, held.record);
  await seeEnds(context, ledger.processes.list(id), op);
  if (!facetOf(realized, "local").ok && held.record.state !== null) {
    const { state, problems } = await realized.inspect(op);
    if (state === "unknown") throw lostError("remove", held.record.name, problems);
  }
  // In one transaction with the check, so that nothing starts in between.
  const running = ledger.write(() => {
    // First, for what is found to have ended counts as a use until now.
    const found = ledger.processes.running(id);
    const { record } = held;
    const because = onlyWhen?.(record);
    if (onlyWhen && because === undefined) return undefined;
    if (found.length > 0 && !force) throw busyError("remove", record, found, "remove the environment with --force");
    held.begin({ kind: "destroy", ...(because === undefined ? {} : { because }) });
    ledger.environments.update(id, { status: "destroying" });
    return found;
  });
  if (!running) return false;
  if (running.length > 0) await stopAll(realized, running, op);
  await held.settle(op);
  return true;
}

async function stopAll(realized: Realized, running: readonly ProcessRow[], op: Operation): Promise<void> {
  const { stopProcess } = await import("../../processes/stop.ts");
  const stop = async ({ ref }: ProcessRow) => {
    const found = await realized.attach(ref, op);
    if (typeof found === "object") await stopProcess(found, 2000);
  };
  await Promise.all(running.map(stop));
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
  const { ref } = first!;
  const who = ref.kind === "local" ? `pid ${namePid(ref)}` : `a command of ${ref.engine}`;
  const what = `${who} (${withCommandLine(first!).command.join(" ").slice(0, 80)})${more} still runs in it`;
  return new SkerryError("SKE-ENV-BUSY", `Could not ${doing} ${record.name}: ${what}`, {
    hint: isOutOfSight(ref)
      ? `stop it there; if that container is gone, ${otherwise}`
      : `stop it, or ${otherwise}, which stops it`,
    details: { environment: record.id, pids: running.flatMap(({ ref }) => (ref.kind === "local" ? [ref.pid] : [])) },
  });
}
