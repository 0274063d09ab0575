import { facetOf } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { canonicalJson } from "../../core/json.ts";
import { EMPTY_LOCK, type Lock } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import { changeBetween, type PackageChange, type PackageOperation } from "../../core/package-change.ts";
import type { RequirementsSpec } from "../../core/spec.ts";
import { refuseTracked } from "../../git/tracked.ts";
import { type Context, realizedOf } from "../context.ts";
import { launchOf } from "../launch.ts";
import { hold } from "../lifecycle/hold.ts";
import { refuseTooLarge } from "../lifecycle/limits.ts";
import { checkRoom, lockSize, newIn } from "../lifecycle/room.ts";
import { refuseFullOnly } from "./full-only.ts";
import { homeOf, hostOf, stateOf } from "./home.ts";

/** Where a change leads. */
export interface Destination {
  readonly lock: Lock;
  /** What the environment's spec asks for from then on. */
  readonly packages: RequirementsSpec;
  readonly operation: PackageOperation;
  /** What was asked, in the words of the command line. */
  readonly asked: string;
  /** A state of the environment's history to go to: its number, and its private trees unless they are to be built. */
  readonly entry?: { readonly n: number; readonly trees?: readonly string[] };
}

/**
 * Moves an environment from the packages it has to those of another lock. Changes of one environment wait for each
 * other. A failure or kill at any moment leaves the packages as they were.
 * @param next says where it leads, from the present lock
 * @throws SKE-LOCKED, SKE-ENV-NOT-FOUND, SKE-ENV-TRACKED, SKE-ENV-BROKEN and whatever resolving and installing fail with
 */
export async function changePackages(
  context: Context,
  id: string,
  next: (lock: Lock, record: EnvironmentRecord) => Promise<Destination>,
  op: Operation,
): Promise<{ readonly record: EnvironmentRecord; readonly change: PackageChange }> {
  const { ledger } = context;
  const started = performance.now();
  await using held = await hold(context, id, "exclusive", op);
  const { record } = held;
  if (record.cacheKey !== null) {
    throw new SkerryError(
      "SKE-ENV-BUSY",
      `${record.name} is shared by all who run with the same packages and can't be changed`,
      { hint: "create a named environment with skerry create" },
    );
  }
  if (record.spec.prefix !== undefined) refuseTracked(record.spec.prefix);
  const before = stateOf(context, record);
  const { lock, packages, operation: what, asked, entry } = await next(before.lock, record);
  const realized = realizedOf(context, record);
  const { max_env_size } = await context.safeConfig();
  const approve = (bytes: number) => refuseTooLarge(record.name, bytes, max_env_size);
  const home = facetOf(realized, "layers");
  if (home.ok) {
    const { target, mode } = home.use;
    const { identity } = target;
    if (mode === "thin") refuseFullOnly(record.name, lock.packages, before.lock.packages);
    // Only what it hasn't got needs room; only a limit asks how large all of it is.
    const size = lockSize(context, max_env_size === 0 ? newIn(lock, before.lock, identity) : lock, identity);
    approve(size.stored + size.archives);
    checkRoom(context, record.spec, size);
  }
  ledger.write(() => held.begin({ kind: "change", lock: ledger.locks.put(lock) }));
  // From here on a crash has to be taken back: what is being moved to must be known.
  const noteTrees = (own: readonly string[]) =>
    held.note({ kind: "change", to: { lock: ledger.locks.put(lock), trees: own } });
  const move = { lock, from: before, approve, noteTrees, trees: entry?.trees };
  const after = await homeOf(context, record, realized).apply(hostOf(context), move, op);
  const change = changeBetween(before.lock, lock);
  // Those of entries that the history is about to drop are among them.
  const hadTrees = [...before.trees, ...ledger.history.trees(id)].length > 0;
  const tell = ledger.write(() => {
    const stored = { lock: lock === EMPTY_LOCK ? null : ledger.locks.put(lock), trees: after.trees };
    ledger.environments.update(id, {
      ...stored,
      spec: { ...record.spec, packages },
      ...launchOf(context, { ...record, ...stored }, realized),
    });
    if (entry) ledger.history.moveTo(id, entry.n, after.trees);
    else if (isAnother({ ...stored, packages }, record))
      ledger.history.append(id, { ...stored, packages, operation: what, asked, change });
    // Nothing is to be taken back any more, but the trees of before are still there.
    if (hadTrees) held.note({ kind: "change" });
    else held.end();
    // Another wish for what is there already changes no package.
    if (sizeOf(change) === 0 && canonicalJson(after.trees) === canonicalJson(before.trees)) return undefined;
    return context.events.record(
      "packages.changed",
      { operation: what, ...change },
      {
        environment: record,
        durationMs: performance.now() - started,
      },
    );
  });
  tell?.(op);
  return { record: held.record, change };
}

/** Whether it makes a difference that can be undone. */
function isAnother(
  to: { readonly lock: string | null; readonly trees: readonly string[]; readonly packages: RequirementsSpec },
  { lock, trees, spec }: EnvironmentRecord,
): boolean {
  const facts = (digest: string | null, own: readonly string[], asked: RequirementsSpec) =>
    canonicalJson([digest, own, asked.constraints]);
  return facts(to.lock, to.trees, to.packages) !== facts(lock, trees, spec.packages);
}

function sizeOf({ added, removed, changed }: PackageChange): number {
  return added.length + removed.length + changed.length;
}
