import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import type { Lock } from "../core/lock.ts";
import { type Operation, operation } from "../core/operation.ts";
import { selfIdentity } from "../platform/identity.ts";
import { acquireLease } from "../platform/lease.ts";
import { applyPackages, type PackageState, sweepTrees } from "./apply.ts";
import { type Context, environmentLease, realizedOf } from "./context.ts";
import { refuseUnfinished } from "./destroy.ts";
import { launchOf } from "./launch.ts";
import type { PackageChange } from "./package-change.ts";
import { recover } from "./recover.ts";
import { type ChangePayload, rollBackChange, stateOf } from "./roll-back.ts";
import { rootsOf } from "./roots.ts";

/**
 * Moves an environment from the packages it has to those of another lock. Changes of one environment wait for each
 * other. A failure or kill at any moment leaves the packages as they were.
 * @param next gives the lock to move to, from the present one, and the constraints files that go on counting
 * @throws SKE-LOCKED, SKE-ENV-NOT-FOUND, SKE-ENV-BROKEN and whatever resolving and installing fail with
 */
export async function changePackages(
  context: Context,
  id: string,
  next: (
    lock: Lock,
    record: EnvironmentRecord,
  ) => Promise<{ readonly lock: Lock; readonly constraints: readonly string[] }>,
  op: Operation,
): Promise<{ readonly record: EnvironmentRecord; readonly change: PackageChange }> {
  const { ledger } = context;
  const started = performance.now();
  using _lease = await acquireLease(context.paths, environmentLease(id), {
    mode: "exclusive",
    timeoutMs: (await context.safeConfig()).lock_timeout,
    op,
    command: context.command,
    onWait: (holder) => op.report({ phase: "wait", detail: `for pid ${holder.pid} (${holder.command})` }),
  });
  const left = ledger.intents.of(id);
  if (left) {
    const unfinished = ledger.environments.byId(id);
    if (unfinished) refuseUnfinished(context, unfinished);
    await recover(context, left, op);
  }
  const record = ledger.environments.byId(id);
  if (!record)
    throw new SkerryError("SKE-ENV-NOT-FOUND", "The environment is gone", { hint: "skerry ls lists the environments" });
  if (record.cacheKey !== null) {
    throw new SkerryError(
      "SKE-ENV-BUSY",
      `${record.name} is shared by all who run with the same packages and can't be changed`,
      { hint: "create a named environment with skerry create" },
    );
  }
  const before = stateOf(context, record);
  const { lock, constraints } = await next(before.lock, record);
  const intent = ledger.intents.begin(id, "change", {}, selfIdentity());
  const realized = realizedOf(context, record);
  let after: PackageState;
  try {
    after = await applyPackages(context, record, realized, { lock, from: before, noteTrees }, op);
  } catch (error) {
    const open = ledger.intents.of(id);
    // Not with the operation that may have been stopped; and a failure here must not hide the first.
    if (open)
      await rollBackChange(context, record, open, operation()).catch((second: Error) => process.emitWarning(second));
    throw error;
  }
  const change = compare(before.lock, lock);
  const hadTrees = before.trees.length > 0;
  const tell = ledger.write(() => {
    const stored = { lock: ledger.locks.put(lock), trees: after.trees };
    ledger.environments.update(id, {
      ...stored,
      spec: { ...record.spec, packages: { ...rootsOf(lock), constraints } },
      ...launchOf({ ...record, ...stored }, realized),
    });
    // Nothing is to be taken back any more, but the trees of before are still there.
    if (hadTrees) ledger.intents.step(intent, "clean", {});
    else ledger.intents.end(intent);
    return context.events.record("packages.changed", change, {
      environment: record,
      durationMs: performance.now() - started,
    });
  });
  tell();
  const changed = ledger.environments.byId(id)!;
  if (hadTrees) {
    await sweepTrees(changed);
    ledger.intents.end(intent);
  }
  return { record: changed, change };

  /** From here on a crash has to be taken back: what is being moved to must be known. */
  function noteTrees(trees: readonly string[]): void {
    const payload: ChangePayload = {
      from: { lock: record!.lock, trees: record!.trees },
      to: { lock: ledger.locks.put(lock), trees },
    };
    ledger.intents.step(intent, "apply", payload as never);
  }
}

function compare(from: Lock, to: Lock): PackageChange {
  const versions = (lock: Lock) => new Map(lock.packages.map((one) => [one.name, one.version ?? "?"]));
  const before = versions(from);
  const after = versions(to);
  return {
    added: [...after].filter(([name]) => !before.has(name)).map(([name, version]) => `${name} ${version}`),
    removed: [...before].filter(([name]) => !after.has(name)).map(([name, version]) => `${name} ${version}`),
    changed: [...after].flatMap(([name, version]) =>
      before.has(name) && before.get(name) !== version ? [`${name} ${before.get(name)} → ${version}`] : [],
    ),
  };
}
