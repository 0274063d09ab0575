import { dirname } from "node:path";
import type { Operation } from "../../core/operation.ts";
import type { FileDrift, PackageDrift } from "../../core/package-drift.ts";
import type { PackageHost, PackageRepair } from "../../core/package-home.ts";
import { keepAside } from "../../platform/put.ts";
import { removeTree } from "../../platform/remove.ts";
import { damageIn } from "../../store/damage.ts";
import { damageOf, damageTo, FILE_LIST, type TreeDamage } from "../../store/damage-error.ts";
import { type Mending, mendFiles } from "../../store/mend.ts";
import type { Tree } from "../../store/shapes.ts";
import { readRows } from "../../store/tree.ts";
import { type Expected, expectedPackages, foreignPaths } from "./drift.ts";
import { gather, REPAIRS, remakeLayers, toldDamage } from "./gather.ts";
import type { LinkedPlace } from "./linked-place.ts";
import { buildPrivate, openPrivate } from "./private-trees.ts";

/** What a repair is asked for, and what the prefix is afterwards. */
export interface LinkedRepair extends Omit<PackageRepair, "rebuild"> {
  readonly rebuild: () => Promise<LinkedPlace>;
}

/**
 * Puts packages back, in a prefix that is made anew first where it has to be.
 * @returns the private trees that the environment has now, and where the former packages are kept
 */
export async function repairPackages(
  host: PackageHost,
  before: LinkedPlace,
  work: LinkedRepair,
  op: Operation,
): Promise<{ readonly trees: readonly string[]; readonly aside?: string }> {
  const { lock, drift, isOtherLine, target } = work;
  const expected = expectedPackages(host, before, work.from);
  // Before anything of the environment is touched: building may fail.
  if (target) await gather(host, { ...before, target }, { lock }, op);
  const place = await work.rebuild();
  const names = lock.packages.map(({ name }) => name);
  const foreign = foreignPaths(before, expected, work.gone);
  const mending: PackageMending = {
    names: new Set(names.filter((name) => before.mode === "thin" || !work.left.has(name))),
    wrong: pathsOf(drift, ["changed", "damaged"]),
    keep: pathsOf(drift, work.safe ? ["edited", "changed"] : ["edited"]),
    remove: [...foreign, ...(isOtherLine ? expected.trees.flatMap(({ apart }) => apart.map(([path]) => path)) : [])],
    from: { lock, trees: isOtherLine ? [] : work.from.trees },
    ...damageFound(before, expected, drift),
  };
  const trees = await mendPackages(host, place, mending, op);
  if (!isOtherLine) return { trees };
  const former = dirname(before.sitePackages);
  const folder = `${before.prefix}/${former}`;
  if (!work.exact && holdsMore(drift, former)) return { trees, aside: keepAside(folder) };
  await removeTree(folder);
  return { trees };
}

/** What of the store is to be made anew: trees whose own files are damaged, and a layer in which something is wrong. */
function damageFound(
  { mode, sitePackages }: LinkedPlace,
  { trees }: Expected,
  { files }: PackageDrift,
): { readonly damaged: readonly TreeDamage[]; readonly newLayer: boolean } {
  const shared = trees.filter((tree) => !tree.private);
  const isOf = (tree: Tree, file: FileDrift) => file.package === tree.name;
  const damaged = shared.flatMap((tree) => {
    if (!files.some((file) => file.what === "damaged" && isOf(tree, file))) return [];
    const rows = readRows(tree.manifest);
    return rows === undefined ? [damageTo(tree, [FILE_LIST])] : damageIn(tree, rows);
  });
  const inLayer = (file: FileDrift) =>
    (file.what === "missing" || file.what === "damaged") &&
    file.path.startsWith(`${sitePackages}/`) &&
    shared.some((tree) => isOf(tree, file));
  return { damaged, newLayer: mode === "thin" && files.some(inLayer) };
}

function pathsOf({ files }: PackageDrift, whats: readonly FileDrift["what"][]): Set<string> {
  return new Set(files.filter(({ what }) => whats.includes(what)).map(({ path }) => path));
}

/** Whether something in a folder of the prefix was put there or changed by hand. */
function holdsMore({ distributions, files }: PackageDrift, folder: string): boolean {
  const isByHand = ({ what, path }: FileDrift) =>
    (what === "edited" || what === "extra" || what === "changed") && path.startsWith(`${folder}/`);
  return distributions.some(({ present }) => present !== undefined) || files.some(isByHand);
}

/** Which files of an environment to put back. */
interface PackageMending extends Pick<Mending, "names" | "wrong" | "keep" | "remove"> {
  /** The lock, and private trees that are as they should be; fewer than the lock has folders: they are built anew. */
  readonly from: PackageRepair["from"];
  /** Trees that are to be made anew. */
  readonly damaged: readonly TreeDamage[];
  /** The layer is to be made anew. */
  readonly newLayer: boolean;
}

/** Makes what the lock names exist in the store, and puts the files of its packages back. Wheels that turn out to be damaged are made anew. */
async function mendPackages(
  host: PackageHost,
  place: LinkedPlace,
  { from: { lock, trees: own }, newLayer: anew, damaged: found, ...what }: PackageMending,
  op: Operation,
): Promise<readonly string[]> {
  const known = openPrivate(place, own);
  const folders = lock.packages.filter((one) => one.directory);
  let mine: readonly Tree[] = known.length === folders.length ? known : await buildPrivate(host, place, lock, op);
  let newLayer = anew;
  let damaged = toldDamage(host, found, op);
  for (let attempt = 1; ; attempt++) {
    try {
      const { trees, layer } = await gather(host, place, { lock, damaged, newLayer }, op);
      newLayer = false;
      const { prefix, sitePackages, link } = place;
      await mendFiles({
        ...{ ...what, prefix, sitePackages, link },
        trees: [...trees, ...mine],
        ...(layer ? { layer } : {}),
      });
      await remakeLayers(host, damaged, op);
      return mine.map(({ key }) => key);
    } catch (error) {
      const more = damageOf(error);
      if (more.length === 0 || attempt === REPAIRS) throw error;
      damaged = [...damaged, ...toldDamage(host, more, op)];
      // Nobody but the project's folder can tell what these were.
      if (more.some(({ tree }) => mine.some(({ key }) => key === tree)))
        mine = await buildPrivate(host, place, lock, op);
    }
  }
}
