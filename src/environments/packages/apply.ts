import { cpSync } from "node:fs";
import { basename, join } from "node:path";
import type { LayersFacet, Realized } from "../../core/engine.ts";
import { facetOf } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import { canonicalJson } from "../../core/json.ts";
import type { Lock, LockedPackage } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import { ioError } from "../../platform/files.ts";
import { applyChange } from "../../store/apply.ts";
import { buildPrivateTrees, ensureTrees, type Install, sweepPrivateTrees } from "../../store/build.ts";
import { damageIn, refuseDamaged, verifyTree } from "../../store/damage.ts";
import { damageOf, type TreeDamage } from "../../store/damage-error.ts";
import { treeKey } from "../../store/key.ts";
import { ensureLayer, hasLostTimes, type Layer, openLayer } from "../../store/layer.ts";
import { refuseLinks } from "../../store/links.ts";
import { openTree, readRows, type Tree, treesFolder } from "../../store/tree.ts";
import { listLayers } from "../../store/upkeep.ts";
import type { Context } from "../context.ts";
import { installerFor, need } from "./resolve.ts";

/** The packages of an environment: a lock, and the private trees of what no other environment shares. */
export interface PackageState {
  readonly lock: Lock;
  /** Names of folders below `<place>/trees`. */
  readonly trees: readonly string[];
}

/** An environment as it is recorded, and as its engine made it. */
export interface Subject {
  readonly record: EnvironmentRecord;
  readonly realized: Realized;
}

/** An environment that holds packages. */
interface Holder {
  readonly record: EnvironmentRecord;
  readonly layers: LayersFacet;
}

/** A move of an environment's packages. */
export interface PackageMove {
  /** What it has, or may have half of. */
  readonly from: PackageState;
  /** The lock to move to. */
  readonly lock: Lock;
  /** Private trees to use, when they exist already; absent: they are built. */
  readonly trees?: readonly string[];
  /** Told how large the packages are, in bytes, before the first file of the environment is touched; throws to refuse. */
  readonly approve?: (bytes: number) => void;
  /** Told the private trees before the first file of the environment is touched. */
  readonly noteTrees?: (trees: readonly string[]) => void;
}

/** How often wheels that were found damaged are made anew before giving up. */
export const REPAIRS = 3;

/**
 * Makes what the lock names exist in the store, and moves the environment's files to it. Runs again, or in reverse,
 * from any state that a kill leaves.
 * @returns the packages that the environment has now
 */
export async function applyPackages(
  context: Context,
  { record, realized }: Subject,
  move: PackageMove,
  op: Operation,
): Promise<PackageState> {
  const layers = need(facetOf(realized, "layers"), record.name, "hold packages");
  const holder = { record, layers };
  const privateTo = move.trees ? openPrivate(record, move.trees) : await buildPrivate(context, holder, move.lock, op);
  const privateFrom = openPrivate(record, move.from.trees);
  const trees = privateTo.map((tree) => tree.key);
  let noted = false;
  let damaged: readonly TreeDamage[] = [];
  for (let attempt = 1; ; attempt++) {
    try {
      const { trees: from } = await gather(context, holder, { lock: move.from.lock, damaged }, op);
      const { trees: to, layer } = await gather(context, holder, { lock: move.lock, opened: from, damaged }, op);
      move.approve?.([...to, ...privateTo].reduce((sum, tree) => sum + tree.bytes, 0));
      if (move.noteTrees && !noted) {
        // Damage that is found from here on could have to be made good before the change can be taken back.
        refuseDamaged(to.filter((tree) => !from.some(({ key }) => key === tree.key)));
        refuseLinks(layers, changed([...from, ...privateFrom], [...to, ...privateTo]));
        move.noteTrees(trees);
        noted = true;
      }
      await applyChange({
        prefix: layers.prefix,
        sitePackages: layers.sitePackages,
        mode: layers.mode,
        link: record.spec.link,
        from: [...from, ...privateFrom],
        to: [...to, ...privateTo],
        ...(layer ? { layer } : {}),
        op,
      });
      await remakeLayers(context, damaged, op);
      return { lock: move.lock, trees };
    } catch (error) {
      const damage = damageOf(error);
      if (damage.length === 0 || attempt === REPAIRS) throw error;
      damaged = [...damaged, ...tellDamage(context, damage)];
    }
  }
}

/** The trees that come or go. */
function changed(from: readonly Tree[], to: readonly Tree[]): Tree[] {
  const isIn = (trees: readonly Tree[], { key }: Tree) => trees.some((one) => one.key === key);
  return [...from.filter((tree) => !isIn(to, tree)), ...to.filter((tree) => !isIn(from, tree))];
}

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
export async function gather(context: Context, holder: Holder, how: Gathering, op: Operation): Promise<Gathered> {
  const { layers } = holder;
  const { lock } = how;
  const target = canonicalJson(layers.target);
  const known = layers.mode === "thin" && !how.damaged?.length && !how.newLayer ? gathered.get(lock) : undefined;
  if (known?.target === target && isAsItWas(context, known.layer)) return known;
  const trees = await sharedTrees(context, holder, how, op);
  if (layers.mode === "full" || trees.length === 0) return { trees };
  const onBuilt = ({ key }: Layer) => {
    const bytes = trees.reduce((sum, tree) => sum + tree.bytes, 0);
    context.events.emit("layer.built", { layer: key, packages: trees.length, bytes });
  };
  const layer = await ensureLayer(context.paths, trees, { op, onBuilt, anew: how.newLayer ?? false });
  gathered.set(lock, { trees, layer, target });
  return { trees, layer };
}

function isAsItWas({ paths }: Context, layer: Layer): boolean {
  return openLayer(paths, layer.key) === layer && !hasLostTimes(layer);
}

/** Removes private trees of an environment that the ledger doesn't name, finished or not. The caller holds its lease. */
export function sweepTrees({ ledger }: Context, record: EnvironmentRecord): Promise<void> {
  return sweepPrivateTrees(privateFolder(record), ledger.treesOf(record.id));
}

/** Whether private trees are there as they were sealed: nothing else could be made the same again. */
export function arePrivateTreesWhole(record: EnvironmentRecord, names: readonly string[]): boolean {
  const trees = openPrivate(record, names);
  return trees.length === names.length && trees.every((tree) => verifyTree(tree).length === 0);
}

/** The shared packages of a lock that the store hasn't got whole: `name version`. */
export function missingPackages({ paths }: Context, layers: LayersFacet, lock: Lock): string[] {
  const isThere = (one: LockedPackage) => {
    const key = treeKey(one, layers.target, lock.installer);
    const tree = key === undefined ? undefined : openTree(treesFolder(paths), key);
    return key === undefined || (tree !== undefined && isWhole(tree));
  };
  return lock.packages.filter((one) => !isThere(one)).map((one) => `${one.name} ${one.version ?? ""}`.trim());
}

function isWhole(tree: Tree): boolean {
  const rows = readRows(tree.manifest);
  return rows !== undefined && damageIn(tree, rows).length === 0;
}

function privateFolder(record: EnvironmentRecord): string {
  return `${record.place}/trees`;
}

/** Trees of an environment's own, by name; those that are gone are left out. */
export function openPrivate(record: EnvironmentRecord, names: readonly string[]): Tree[] {
  return names.map((name) => openTree(privateFolder(record), name, true)).filter((tree) => tree !== undefined);
}

/** Gives an environment copies of another's private trees, under the same names. @returns the names */
export function copyPrivateTrees(from: EnvironmentRecord, to: EnvironmentRecord): readonly string[] {
  try {
    const trees = openPrivate(from, from.trees);
    for (const name of trees.flatMap(({ root, manifest }) => [basename(root), basename(manifest)])) {
      cpSync(join(privateFolder(from), name), join(privateFolder(to), name), {
        recursive: true,
        preserveTimestamps: true,
        verbatimSymlinks: true,
      });
    }
  } catch (error) {
    throw ioError("copy the project's files of", from.name, error);
  }
  return from.trees;
}

/** Builds the private trees that a lock names, beside those that are there. */
export async function buildPrivate(
  context: Context,
  { record, layers }: Holder,
  lock: Lock,
  op: Operation,
): Promise<Tree[]> {
  const packages = lock.packages.filter((one) => one.directory);
  if (packages.length === 0) return [];
  const { installer } = await installerFor(context, lock.installer, layers.target, op);
  const install: Install = (some, prefix, options) =>
    installer.install(some, { target: layers.target, prefix, ...options }, op);
  return buildPrivateTrees({
    folder: privateFolder(record),
    packages,
    target: layers.target,
    install,
    op,
  });
}

async function sharedTrees(
  context: Context,
  { record, layers }: Holder,
  { lock, opened = [], damaged = [] }: Gathering,
  op: Operation,
): Promise<Tree[]> {
  const packages = lock.packages.filter((one) => !one.directory);
  if (packages.length === 0) return [];
  return ensureTrees(context.paths, {
    packages,
    target: layers.target,
    installer: lock.installer,
    known: opened,
    damaged,
    // Found only when something is missing: a warm create asks no installer anything.
    install: async (some, prefix, options) => {
      const { installer } = await installerFor(context, lock.installer, layers.target, op);
      op.report({ phase: "install", detail: `${some.length} packages for ${record.name}`, total: some.length });
      await installer.install(some, { target: layers.target, prefix, ...options }, op);
    },
    op,
  });
}

/** Names the environments that link to the files of damaged wheels. */
export function tellDamage(context: Context, damage: readonly TreeDamage[]): readonly TreeDamage[] {
  const { environments, locks } = context.ledger;
  const all = [...environments.list(), ...environments.list({ cached: true })];
  for (const { tree, package: name, paths } of damage) {
    const project = name.split("==")[0];
    const holds = (digest: string | null) =>
      digest !== null && locks.get(digest)?.packages.some((one) => one.name === project);
    const concerned = all.filter((one) => holds(one.lock)).map((one) => one.name);
    context.events.emit("tree.damaged", { tree, package: name, paths, environments: concerned });
  }
  return damage;
}

/** Makes the layers again that hold files of damaged trees, once these were made anew: thin environments read them. */
export async function remakeLayers({ paths }: Context, damage: readonly TreeDamage[], op: Operation): Promise<void> {
  const keys = new Set(damage.map(({ tree }) => tree));
  if (keys.size === 0) return;
  for (const layer of listLayers(paths).filter((one) => one.trees.some((key) => keys.has(key)))) {
    const trees = layer.trees.flatMap((key) => openTree(treesFolder(paths), key) ?? []);
    if (trees.length === layer.trees.length) await ensureLayer(paths, trees, { op });
  }
}
