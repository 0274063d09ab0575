import { readdirSync, realpathSync } from "node:fs";
import { isErrno } from "../../core/error.ts";
import { isLocked, type Lock } from "../../core/lock.ts";
import type { DistributionDrift, DriftOptions, FileDrift, PackageDrift } from "../../core/package-drift.ts";
import type { PackageHost, PackageState } from "../../core/package-home.ts";
import { says } from "../../platform/put.ts";
import { listDistributions } from "../../python/dist-info.ts";
import { LAYER_LINK, LAYER_PTH, LAYER_PTH_TEXT } from "../../python/own-paths.ts";
import { FILE_LIST } from "../../store/damage-error.ts";
import { compareFiles, extraFiles } from "../../store/file-drift.ts";
import { layerKey, treeKey } from "../../store/key.ts";
import { type Layer, openLayer } from "../../store/layer.ts";
import { recordedPaths } from "../../store/plan.ts";
import type { Tree } from "../../store/shapes.ts";
import { openTree, treesFolder } from "../../store/tree.ts";
import type { LinkedPlace } from "./linked-place.ts";
import { presentIn } from "./present.ts";
import { openPrivate } from "./private-trees.ts";

/** What an environment's packages should be, in the store. */
export interface Expected {
  /** The trees of the lock that exist, private ones included. */
  readonly trees: readonly Tree[];
  /** Names of packages whose trees are gone from the store. */
  readonly lost: readonly string[];
  /** Thin only: whether there is to be a layer, and the one that is there. */
  readonly hasLayer: boolean;
  readonly layer: Layer | undefined;
}

/** Compares packages with what is recorded: distributions by name and version, files by size and time. Starts nothing. */
export function packageDrift(
  host: PackageHost,
  place: LinkedPlace,
  state: PackageState,
  { deep = false, shallow = false }: DriftOptions,
): PackageDrift {
  const { trees, lost, layer, hasLayer } = expectedPackages(host, place, state);
  const layerLost = hasLayer && isLayerLost(place, layer);
  const distributions = driftedDistributions(place, state.lock, layerLost);
  const { prefix, sitePackages, mode } = place;
  const standing = {
    ...{ prefix, sitePackages, mode, deep, shallow },
    trees: layerLost ? trees.filter((tree) => tree.private) : trees,
    except: new Set(distributions.map(({ name }) => name)),
    ...(layer ? { layer } : {}),
  };
  const extra = extraFiles({ ...standing, trees }, () => recordedByHand(place));
  const gone = lost.map((name): FileDrift => ({ path: FILE_LIST, package: name, what: "damaged" }));
  return { distributions, files: [...compareFiles(standing), ...gone, ...extra], layerLost };
}

/** What an environment should hold. */
export function expectedPackages(
  { paths }: PackageHost,
  place: LinkedPlace,
  { lock, trees: own }: PackageState,
): Expected {
  const shared = lock.packages.flatMap((pkg) => {
    const key = treeKey(pkg, place.target.identity, lock.installer);
    return key === undefined ? [] : [{ key, name: pkg.name, tree: openTree(treesFolder(paths), key) }];
  });
  const trees = [...shared.flatMap(({ tree }) => tree ?? []), ...openPrivate(place, own)];
  const lost = shared.filter(({ tree }) => tree === undefined).map(({ name }) => name);
  const hasLayer = place.mode === "thin" && shared.length > 0;
  const layer = hasLayer ? openLayer(paths, layerKey(shared.map(({ key }) => key))) : undefined;
  return { trees, lost, layer, hasLayer };
}

function isLayerLost({ prefix, sitePackages }: LinkedPlace, layer: Layer | undefined): boolean {
  const site = `${prefix}/${sitePackages}`;
  try {
    // A folder or a link in its place is none of ours either.
    if (!says(`${site}/${LAYER_PTH}`, LAYER_PTH_TEXT)) return true;
    const there = realpathSync(`${site}/${LAYER_LINK}`);
    return layer === undefined || there !== realpathSync(`${layer.root}/${sitePackages}`);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return true;
    throw error;
  }
}

function driftedDistributions(place: LinkedPlace, lock: Lock, layerLost: boolean): DistributionDrift[] {
  const present = presentIn(place);
  const locked = new Map(lock.packages.map((one) => [one.name, one]));
  const found = [...present.values()]
    .filter(({ name, version }) => !isLocked(locked.get(name), version))
    .map(({ name, version }) => ({ name, recorded: versionOf(locked.get(name)), present: version }));
  const gone = lock.packages
    .filter((one) => !present.has(one.name) && !(layerLost && !one.directory))
    .map((one) => ({ name: one.name, recorded: versionOf(one), present: undefined }));
  return [...found, ...gone].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function versionOf(entry: Lock["packages"][number] | undefined): string | undefined {
  return entry && (entry.version ?? "");
}

/** The files of distributions that the prefix has, those put there by hand among them. */
function recordedByHand({ prefix, sitePackages }: LinkedPlace): string[] {
  return listDistributions(`${prefix}/${sitePackages}`).flatMap((one) => [
    `${sitePackages}/${one.folder}`,
    ...recordedPaths(prefix, sitePackages, one),
  ]);
}

/** Files of distributions of these names in an environment's own site-packages that another installer put there. */
export function foreignPaths(
  { prefix, sitePackages, mode }: LinkedPlace,
  { trees }: Expected,
  names: ReadonlySet<string>,
): string[] {
  const ours = new Set(trees.filter((tree) => mode === "full" || tree.private).map(({ distInfo }) => distInfo));
  return listDistributions(`${prefix}/${sitePackages}`)
    .filter(({ name, folder }) => names.has(name) && !ours.has(folder))
    .flatMap((one) => [
      ...recordedPaths(prefix, sitePackages, one),
      // What an installer writes beside RECORD isn't always listed in it.
      ...readdirSync(`${prefix}/${sitePackages}/${one.folder}`).map((file) => `${sitePackages}/${one.folder}/${file}`),
    ]);
}
