import { dirname } from "node:path";
import type { LayerTarget, Realized } from "../../core/engine.ts";
import { facetOf } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import type { Fault, FaultKind } from "../../core/fault.ts";
import type { Lock } from "../../core/lock.ts";
import type { Operation, OperationOptions } from "../../core/operation.ts";
import type { EnvironmentSpec, PackageMode } from "../../core/spec.ts";
import { removeTree } from "../../platform/files.ts";
import { keepAside } from "../../platform/put.ts";
import { damageIn as damageInTree } from "../../store/damage.ts";
import { damageTo, FILE_LIST, type TreeDamage } from "../../store/damage-error.ts";
import type { FileDrift } from "../../store/file-drift.ts";
import { readRows, type Tree } from "../../store/tree.ts";
import { type Context, realizedOf } from "../context.ts";
import { gather } from "../packages/apply.ts";
import { need, resolvePackages } from "../packages/resolve.ts";
import { stateOf } from "../packages/roll-back.ts";
import { rootsOf } from "../packages/roots.ts";
import { type DistributionDrift, type Expected, expectedPackages, type PackageDrift } from "./drift.ts";
import { foreignPaths } from "./foreign.ts";
import { holdsMore } from "./keep-aside.ts";
import { mendPackages } from "./mend.ts";

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
  readonly target?: LayerTarget;
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
  const isOtherLine = target.use.abi !== layers.use.target.abi;
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
  const before = expectedPackages(context, record);
  const old = realizedOf(context, record);
  // Before anything of the environment is touched: building may fail.
  if (before && aim.target)
    await gather(context, { record, layers: { ...before.layers, target: aim.target } }, { lock: aim.lock }, op);
  const realized =
    aim.python === undefined
      ? old
      : await need(facetOf(old, "repair"), record.name, "be repaired").rebuild(aim.python, op);
  if (before === undefined || record.lock === null) return { realized, trees: record.trees };
  const { prefix, sitePackages, mode } = before.layers;
  const isLeft = (one: DistributionDrift) =>
    one.present === undefined ? (options.safe ?? false) : isKept(one, mode, options);
  const left = new Set(drift.distributions.filter(isLeft).map(({ name }) => name));
  const gone = new Set(drift.distributions.filter((one) => one.present && !isLeft(one)).map(({ name }) => name));
  const trees = await mendPackages(
    context,
    { record, realized },
    {
      lock: aim.lock,
      names: new Set(aim.lock.packages.map(({ name }) => name).filter((name) => mode === "thin" || !left.has(name))),
      wrong: pathsOf(drift, ["changed", "damaged"]),
      keep: pathsOf(drift, options.safe ? ["edited", "changed"] : ["edited"]),
      remove: [...foreignPaths(before, gone), ...(aim.isOtherLine ? before.trees.flatMap(apartOf) : [])],
      own: aim.isOtherLine ? [] : record.trees,
      ...damageIn(before, drift),
    },
    op,
  );
  if (!aim.isOtherLine) return { realized, trees };
  const former = dirname(sitePackages);
  if (!options.exact && holdsMore(drift, former)) return { realized, trees, aside: keepAside(`${prefix}/${former}`) };
  await removeTree(`${prefix}/${former}`);
  return { realized, trees };
}

/** What of the store is to be made anew: trees whose own files are damaged, and a layer in which something is wrong. */
function damageIn(
  { trees, layers }: Expected,
  { files }: PackageDrift,
): { readonly damaged: readonly TreeDamage[]; readonly newLayer: boolean } {
  const shared = trees.filter((tree) => !tree.private);
  const isOf = (tree: Tree, file: FileDrift) => file.package === tree.name;
  const damaged = shared.flatMap((tree) => {
    if (!files.some((file) => file.what === "damaged" && isOf(tree, file))) return [];
    const rows = readRows(tree.manifest);
    return rows === undefined ? [damageTo(tree, [FILE_LIST])] : damageInTree(tree, rows);
  });
  const inLayer = (file: FileDrift) =>
    (file.what === "missing" || file.what === "damaged") &&
    file.path.startsWith(`${layers.sitePackages}/`) &&
    shared.some((tree) => isOf(tree, file));
  return { damaged, newLayer: layers.mode === "thin" && files.some(inLayer) };
}

/** Whether a distribution that was put there by hand stays: always beside others, unless exactly the lock is wanted. */
export function isKept({ recorded }: DistributionDrift, mode: PackageMode, { safe, exact }: RepairOptions): boolean {
  if (exact) return false;
  return safe || recorded === undefined || mode === "thin";
}

function pathsOf({ files }: PackageDrift, whats: readonly FileDrift["what"][]): Set<string> {
  return new Set(files.filter(({ what }) => whats.includes(what)).map(({ path }) => path));
}

function apartOf(tree: Tree): string[] {
  return tree.apart.map((row) => row[0]);
}
