import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import type { Operation } from "../../core/operation.ts";
import type { ProcessRow } from "../../ledger/processes.ts";
import { isHidden, namePid } from "../../platform/identity.ts";
import type { Context } from "../context.ts";
import { withCommandLine } from "../running.ts";
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
  return context.events.tellFailure("destroy", asked, async () => {
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
  if (running.length > 0) {
    const { stopTree } = await import("../../processes/process-tree.ts");
    await Promise.all(running.map((row) => stopTree(row.ref, { graceMs: 2000, includeRoot: true })));
  }
  await held.settle(op);
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
