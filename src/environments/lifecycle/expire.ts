import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { type Operation, warnOf } from "../../core/operation.ts";
import { isAlive, mayBeAlive } from "../../platform/identity.ts";
import type { Context } from "../context.ts";
import { seeEnds } from "../running.ts";
import { removeNow } from "./destroy.ts";
import { holdIfFree } from "./hold.ts";

/** Why an environment goes by itself: its owner ended, its time is over, or nobody used it for long. */
export type Expiry = "exit" | "ttl" | "idle";

/** An environment whose time has come. */
export interface Expired {
  readonly environment: EnvironmentRecord;
  readonly because: Expiry;
}

/** How many one command removes on its way, so that none is held up for long. */
const AT_ONCE = 4;

/** The environments whose time has come and in which nothing runs, oldest first; those in which commands run wait for their end. */
export async function expired(context: Context, op: Operation): Promise<Expired[]> {
  const { ledger } = context;
  const now = Date.now();
  const alive = rememberAlive();
  const ended = ledger.environments.owners().filter((owner) => !alive(owner));
  const due = () =>
    ledger.environments.mayGo(now, ended).flatMap((environment) => {
      const because = expiryOf(environment, now, alive);
      return because === undefined ? [] : [{ environment, because }];
    });
  const candidates = due();
  if (candidates.length === 0) return [];
  const ids = new Set(candidates.map(({ environment }) => environment.id));
  const rows = ledger.processes.list().filter((row) => ids.has(row.environment));
  await seeEnds(context, rows, op);
  const running = new Set(ledger.write(() => ledger.processes.running()).map((row) => row.environment));
  // Looked at again: a command that was just found to have ended was a use.
  return due().filter((one) => !running.has(one.environment.id));
}

/**
 * Removes environments whose time has come, at most `most`; waits for nobody. One that can't be removed is warned of
 * and doesn't keep the others.
 * @returns those that are gone
 */
export async function collectExpired(context: Context, op: Operation, most = AT_ONCE): Promise<Expired[]> {
  const gone: Expired[] = [];
  for (const one of (await expired(context, op)).slice(0, most)) {
    try {
      await using held = await holdIfFree(context, one.environment.id, "removal", op);
      if (!held) continue;
      await context.hooks.ask("before-destroy", one, op);
      if (await removeNow(context, held, op, { onlyWhen: expiryOf })) gone.push(one);
    } catch (error) {
      // What nobody can tell how it is stays; doctor names it.
      if (!(error instanceof SkerryError && ["SKE-ENV-BUSY", "SKE-ENGINE-LOST"].includes(error.code)))
        warnOf(op, error);
    }
  }
  return gone;
}

/** Why an environment is to go now; undefined when it isn't. */
export function expiryOf(record: EnvironmentRecord, now = Date.now(), alive = isAlive): Expiry | undefined {
  const { cleanup, owner, failed, pinned, createdAt, usedAt } = record;
  if (pinned || record.status !== "ready") return undefined;
  if (owner && !failed && !mayBeAlive(owner, usedAt, alive)) return "exit";
  if (cleanup.ttl !== undefined && createdAt + cleanup.ttl <= now) return "ttl";
  if (cleanup.idle !== undefined && usedAt + cleanup.idle <= now) return "idle";
  return undefined;
}

/** Looks at each process once: hundreds of environments have the same owner. */
function rememberAlive(): typeof isAlive {
  const known = new Map<string, boolean>();
  return (identity) => {
    const key = `${identity.pid} ${identity.start} ${identity.boot}`;
    const found = known.get(key) ?? isAlive(identity);
    known.set(key, found);
    return found;
  };
}
