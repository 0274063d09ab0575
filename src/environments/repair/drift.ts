import { realpathSync } from "node:fs";
import type { LayersFacet } from "../../core/engine.ts";
import { facetOf } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import { isErrno } from "../../core/error.ts";
import type { Lock } from "../../core/lock.ts";
import { says } from "../../platform/put.ts";
import { listDistributions } from "../../python/dist-info.ts";
import { LAYER_LINK, LAYER_PTH, LAYER_PTH_TEXT } from "../../python/own-paths.ts";
import { FILE_LIST } from "../../store/damage-error.ts";
import { compareFiles, extraFiles, type FileDrift } from "../../store/file-drift.ts";
import { layerKey, treeKey } from "../../store/key.ts";
import { type Layer, openLayer } from "../../store/layer.ts";
import { recordedPaths } from "../../store/plan.ts";
import { openTree, type Tree, treesFolder } from "../../store/tree.ts";
import { type Context, realizedOf } from "../context.ts";
import { openPrivate } from "../packages/apply.ts";
import { stateOf } from "../packages/roll-back.ts";
import { isLocked, presentIn } from "./present.ts";

/** A distribution that differs from the lock: put there (`recorded` undefined), taken away (`present` undefined), or of another version. */
export interface DistributionDrift {
  /** Normalised as PEP 503 says. */
  readonly name: string;
  /** The version that the lock names; empty where only a build could tell it. */
  readonly recorded: string | undefined;
  readonly present: string | undefined;
}

/** What differs between the packages that are recorded of an environment and what stands in its prefix. */
export interface PackageDrift {
  readonly distributions: readonly DistributionDrift[];
  /** Files of distributions that are there in the recorded version, and files that belong to none. */
  readonly files: readonly FileDrift[];
  /** A thin environment's link to its layer is gone or leads elsewhere, or the `.pth` file that names the link is. */
  readonly layerLost: boolean;
}

/** What an environment's packages should be, in the store. */
export interface Expected {
  readonly lock: Lock;
  readonly layers: LayersFacet;
  /** The trees of the lock that exist, private ones included. */
  readonly trees: readonly Tree[];
  /** Names of packages whose trees are gone from the store. */
  readonly lost: readonly string[];
  /** Thin only: whether there is to be a layer, and the one that is there. */
  readonly hasLayer: boolean;
  readonly layer: Layer | undefined;
}

/** Nothing differs. */
export const NO_DRIFT: PackageDrift = { distributions: [], files: [], layerLost: false };

/** Whether nothing differs. */
export function isClean({ distributions, files, layerLost }: PackageDrift): boolean {
  return distributions.length + files.length === 0 && !layerLost;
}

/** Whether something is missing or spoilt; what was put there, or put in a package's place, by hand isn't. */
export function isBroken({ distributions, files, layerLost }: PackageDrift): boolean {
  return (
    layerLost ||
    distributions.some((one) => one.present === undefined) ||
    files.some(({ what }) => what === "missing" || what === "changed" || what === "damaged")
  );
}

/**
 * Compares an environment's packages with its record: distributions by name and version, files by size and time.
 * Starts nothing and changes nothing. Environments without packages of their own never drift.
 * @param options.deep read every file and compare contents
 * @param options.shallow of files, look only at those outside of site-packages: what it costs doesn't grow with packages
 */
export function packageDrift(
  context: Context,
  record: EnvironmentRecord,
  options: { readonly deep?: boolean; readonly shallow?: boolean } = {},
): PackageDrift {
  const expected = expectedPackages(context, record);
  if (expected === undefined) return NO_DRIFT;
  const { layers, lock, trees, lost, layer, hasLayer } = expected;
  const layerLost = hasLayer && isLayerLost(layers, layer);
  const distributions = driftedDistributions(layers, lock, layerLost);
  const { prefix, sitePackages, mode } = layers;
  const except = new Set(distributions.map(({ name }) => name));
  const standing = {
    prefix,
    sitePackages,
    mode,
    trees: layerLost ? trees.filter((tree) => tree.private) : trees,
    except,
    deep: options.deep ?? false,
    shallow: options.shallow ?? false,
    ...(layer ? { layer } : {}),
  };
  const extra = extraFiles({ ...standing, trees }, () => recordedByHand(layers));
  const gone = lost.map((name): FileDrift => ({ path: FILE_LIST, package: name, what: "damaged" }));
  return { distributions, files: [...compareFiles(standing), ...gone, ...extra], layerLost };
}

/** What an environment should hold; undefined for one that can't hold packages. @throws SKE-STATE-CORRUPT */
export function expectedPackages(context: Context, record: EnvironmentRecord): Expected | undefined {
  const facet = facetOf(realizedOf(context, record), "layers");
  if (!facet.ok) return undefined;
  const layers = facet.use;
  const { lock } = stateOf(context, record);
  const shared = lock.packages.flatMap((pkg) => {
    const key = treeKey(pkg, layers.target, lock.installer);
    return key === undefined ? [] : [{ key, name: pkg.name, tree: openTree(treesFolder(context.paths), key) }];
  });
  const trees = [...shared.flatMap(({ tree }) => tree ?? []), ...openPrivate(record, record.trees)];
  const lost = shared.filter(({ tree }) => tree === undefined).map(({ name }) => name);
  const hasLayer = layers.mode === "thin" && shared.length > 0;
  const layer = hasLayer ? openLayer(context.paths, layerKey(shared.map(({ key }) => key))) : undefined;
  return { lock, layers, trees, lost, layer, hasLayer };
}

function isLayerLost(layers: LayersFacet, layer: Layer | undefined): boolean {
  const site = `${layers.prefix}/${layers.sitePackages}`;
  try {
    // A folder or a link in its place is none of ours either.
    if (!says(`${site}/${LAYER_PTH}`, LAYER_PTH_TEXT)) return true;
    const there = realpathSync(`${site}/${LAYER_LINK}`);
    return layer === undefined || there !== realpathSync(`${layer.root}/${layers.sitePackages}`);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return true;
    throw error;
  }
}

function driftedDistributions(layers: LayersFacet, lock: Lock, layerLost: boolean): DistributionDrift[] {
  const present = presentIn(layers);
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
function recordedByHand({ prefix, sitePackages }: LayersFacet): string[] {
  return listDistributions(`${prefix}/${sitePackages}`).flatMap((one) => [
    `${sitePackages}/${one.folder}`,
    ...recordedPaths(prefix, sitePackages, one),
  ]);
}
