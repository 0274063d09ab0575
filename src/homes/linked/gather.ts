import { canonicalJson } from "../../core/json.ts";
import type { Lock, LockedPackage } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import type { PackageHost } from "../../core/package-home.ts";
import { ensureTrees } from "../../store/build.ts";
import { damageIn } from "../../store/damage.ts";
import type { TreeDamage } from "../../store/damage-error.ts";
import { treeKey } from "../../store/key.ts";
import { ensureLayer, hasLostTimes, type Layer, openLayer } from "../../store/layer.ts";
import type { Tree } from "../../store/shapes.ts";
import { openTree, readRows, treesFolder } from "../../store/tree.ts";
import { listLayers } from "../../store/upkeep.ts";
import type { LinkedPlace } from "./linked-place.ts";

/** How often wheels that were found damaged are made anew before giving up. */
export const REPAIRS = 3;

interface Gathered {
  readonly trees: readonly Tree[];
  /** Of thin environments that have packages. */
  readonly layer?: Layer;
}

/** What was gathered for thin environments: hundreds of one lock ask the store once. It holds as long as the layer is there. */
const gathered = new WeakMap<Lock, Gathered & { readonly layer: Layer; readonly target: string }>();

/** What is gathered, and how. */
interface Gathering {
  readonly lock: Lock;
  /** Trees that were gathered just now. */
  readonly opened?: readonly Tree[];
  /** Those that are made anew, with the layers of them. */
  readonly damaged?: readonly TreeDamage[];
  /** Make the layer anew. */
  readonly newLayer?: boolean;
}

/** The shared trees of a lock, and the layer of them for a thin environment; built where the store hasn't got them. */
export async function gather(host: PackageHost, place: LinkedPlace, how: Gathering, op: Operation): Promise<Gathered> {
  const { lock, newLayer: anew = false } = how;
  const target = canonicalJson(place.target.identity);
  const known = place.mode === "thin" && !how.damaged?.length && !anew ? gathered.get(lock) : undefined;
  if (known?.target === target && isAsItWas(host, known.layer)) return known;
  const trees = await sharedTrees(host, place, how, op);
  if (place.mode === "full" || trees.length === 0) return { trees };
  const onBuilt = ({ key }: Layer) => {
    const bytes = trees.reduce((sum, tree) => sum + tree.bytes, 0);
    host.tellLayer({ layer: key, packages: trees.length, bytes }, op);
  };
  const layer = await ensureLayer(host.paths, trees, { op, onBuilt, anew });
  gathered.set(lock, { trees, layer, target });
  return { trees, layer };
}

function isAsItWas({ paths }: PackageHost, layer: Layer): boolean {
  return openLayer(paths, layer.key) === layer && !hasLostTimes(layer);
}

async function sharedTrees(
  { paths, install }: PackageHost,
  { name, target }: LinkedPlace,
  { lock: { installer, packages }, opened: known = [], damaged = [] }: Gathering,
  op: Operation,
): Promise<Tree[]> {
  const shared = packages.filter((one) => !one.directory);
  if (shared.length === 0) return [];
  return ensureTrees(paths, {
    packages: shared,
    target: target.identity,
    installer,
    known,
    damaged,
    // Called only when something is missing: a warm create asks no installer anything.
    install: (some, prefix, options) => {
      const detail = `${some.length} packages for ${name}`;
      op.tell({ kind: "progress", phase: "install", detail, total: some.length });
      return install(some, { installer, target, prefix, ...options }, op);
    },
    op,
  });
}

/** The shared packages of a lock that the store hasn't got whole: `name version`. */
export function missingPackages({ paths }: PackageHost, { target }: LinkedPlace, lock: Lock): string[] {
  const isThere = (one: LockedPackage) => {
    const key = treeKey(one, target.identity, lock.installer);
    const tree = key === undefined ? undefined : openTree(treesFolder(paths), key);
    return key === undefined || (tree !== undefined && isWhole(tree));
  };
  return lock.packages.filter((one) => !isThere(one)).map((one) => `${one.name} ${one.version ?? ""}`.trim());
}

function isWhole(tree: Tree): boolean {
  const rows = readRows(tree.manifest);
  return rows !== undefined && damageIn(tree, rows).length === 0;
}

/** Tells of damaged wheels. @returns them */
export function toldDamage(host: PackageHost, damage: readonly TreeDamage[], op: Operation): readonly TreeDamage[] {
  for (const { tree, package: name, paths } of damage) host.tellDamage({ tree, package: name, paths }, op);
  return damage;
}

/** Makes the layers again that hold files of damaged trees, once these were made anew: thin environments read them. */
export async function remakeLayers(
  { paths }: PackageHost,
  damage: readonly TreeDamage[],
  op: Operation,
): Promise<void> {
  const keys = new Set(damage.map(({ tree }) => tree));
  if (keys.size === 0) return;
  for (const layer of listLayers(paths).filter((one) => one.trees.some((key) => keys.has(key)))) {
    const trees = layer.trees.flatMap((key) => openTree(treesFolder(paths), key) ?? []);
    if (trees.length === layer.trees.length) await ensureLayer(paths, trees, { op });
  }
}
