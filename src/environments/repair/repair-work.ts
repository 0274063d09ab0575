import type { Realized } from "../../core/engine.ts";
import { facetOf } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import type { Fault, FaultKind } from "../../core/fault.ts";
import type { Lock } from "../../core/lock.ts";
import type { Operation, OperationOptions } from "../../core/operation.ts";
import type { DistributionDrift, PackageDrift } from "../../core/package-drift.ts";
import type { PackageRepair } from "../../core/package-home.ts";
import type { EnvironmentSpec, PackageMode } from "../../core/spec.ts";
import type { Target } from "../../core/target.ts";
import { type Context, realizedOf } from "../context.ts";
import { homeOf, hostOf, stateOf } from "../packages/home.ts";
import { need, resolvePackages } from "../packages/resolve.ts";
import { rootsOf } from "../packages/roots.ts";

/** How to repair. */
export interface RepairOptions extends OperationOptions {
  /** Take this interpreter. One of another version gets packages that are resolved anew. */
  readonly python?: string | undefined;
  /** Where its prefix lies now, when it was moved. */
  readonly prefix?: string;
  /** Only tell what is wrong. */
  readonly dryRun?: boolean;
  /** Compare the contents of files, not only sizes and times. */
  readonly deep?: boolean;
  /**
   * Leave alone what may have been done on purpose: changed files, packages removed or replaced by hand, and what would
   * have to be made of a project that says something else by now.
   */
  readonly safe?: boolean;
  /** Take away what was installed by hand as well, so that exactly the recorded packages are there. */
  readonly exact?: boolean;
}

/** Faults of packages; all others are of what the engine made. */
const OF_PACKAGES: ReadonlySet<FaultKind> = new Set([
  "layer-lost",
  "files-missing",
  "files-changed",
  "store-damaged",
  "packages-gone",
  "packages-replaced",
]);

/** What a repair leads to. */
export interface Aim {
  /** The interpreter to rebuild for; undefined: what the engine made is whole. */
  readonly python: string | undefined;
  /** The packages were resolved anew, for an interpreter of another line. */
  readonly isOtherLine: boolean;
  /** What packages are to be built for; undefined: what they were. */
  readonly target?: Target;
  readonly lock: Lock;
  /** What changes of the spec. */
  readonly spec: Pick<EnvironmentSpec, "python"> | undefined;
}

/** Finds the interpreter and resolves what has to be resolved. Touches nothing. */
export async function aimOf(
  context: Context,
  record: EnvironmentRecord,
  { mendable, python: request }: { readonly mendable: readonly Fault[] } & RepairOptions,
  op: Operation,
): Promise<Aim> {
  const realized = realizedOf(context, record);
  const [layers, repair] = [facetOf(realized, "layers"), facetOf(realized, "repair")];
  const { lock } = stateOf(context, record);
  const isRebuilt = request !== undefined || mendable.some(({ kind }) => !OF_PACKAGES.has(kind));
  if (!isRebuilt) return { python: undefined, isOtherLine: false, lock, spec: undefined };
  const python = await need(repair, record.name, "be repaired").interpreter(request, op);
  const { target } = await context.engines.get(record.engine).pin({ ...record.spec, python }, op);
  const namesPath = record.spec.python?.includes("/") ?? false;
  const spec = request !== undefined || namesPath ? { python: request ?? python } : undefined;
  if (!layers.ok || !target.ok) return { python, isOtherLine: false, lock, spec };
  const isOtherLine = target.use.identity.abi !== layers.use.target.identity.abi;
  const { constraints } = record.spec.packages;
  const packages = { ...rootsOf(lock), constraints };
  const next =
    isOtherLine && lock.packages.length > 0
      ? (
          await resolvePackages(
            context,
            { target: target.use, spec: { ...record.spec, packages } },
            { preferences: lock },
            op,
          )
        ).lock
      : lock;
  return { python, isOtherLine, target: target.use, lock: next, spec };
}

/** Does what was found to do. @returns the environment as it is now, its private trees, and where the former packages are kept */
export async function mend(
  context: Context,
  record: EnvironmentRecord,
  work: { readonly drift: PackageDrift; readonly aim: Aim; readonly options: RepairOptions },
  op: Operation,
): Promise<{ readonly realized: Realized; readonly trees: readonly string[]; readonly aside?: string }> {
  const { drift, aim, options } = work;
  const old = realizedOf(context, record);
  let realized = old;
  const rebuild = async () => {
    if (aim.python !== undefined)
      realized = await need(facetOf(old, "repair"), record.name, "be repaired").rebuild(aim.python, op);
    return realized;
  };
  const home = facetOf(old, "layers");
  if (!home.ok || record.lock === null) return { realized: await rebuild(), trees: record.trees };
  const { mode } = home.use;
  const isLeft = (one: DistributionDrift) =>
    one.present === undefined ? (options.safe ?? false) : isKept(one, mode, options);
  const repair: PackageRepair = {
    from: stateOf(context, record),
    lock: aim.lock,
    isOtherLine: aim.isOtherLine,
    target: aim.target,
    rebuild: async () => homeOf(context, record, await rebuild()),
    drift,
    left: new Set(drift.distributions.filter(isLeft).map(({ name }) => name)),
    gone: new Set(drift.distributions.filter((one) => one.present && !isLeft(one)).map(({ name }) => name)),
    safe: options.safe ?? false,
    exact: options.exact ?? false,
  };
  const repaired = await home.use.repair(hostOf(context), repair, op);
  return { realized, ...repaired };
}

/** Whether a distribution that was put there by hand stays: always beside others, unless exactly the lock is wanted. */
export function isKept({ recorded }: DistributionDrift, mode: PackageMode, { safe, exact }: RepairOptions): boolean {
  if (exact) return false;
  return safe || recorded === undefined || mode === "thin";
}
