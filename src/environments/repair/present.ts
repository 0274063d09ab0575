import { accessSync, constants } from "node:fs";
import type { LayersFacet } from "../../core/engine.ts";
import type { LockedPackage } from "../../core/lock.ts";
import { type InstalledDistribution, listDistributions } from "../../python/dist-info.ts";
import { LAYER_LINK } from "../../python/own-paths.ts";

/** A distribution that stands in an environment, and the site-packages that holds it. */
export interface PresentDistribution extends InstalledDistribution {
  readonly site: string;
}

/** The folders that packages are read from, those that win last: a layer's, and the environment's own. */
export function packageFolders({ prefix, sitePackages }: LayersFacet): string[] {
  const site = `${prefix}/${sitePackages}`;
  const layer = `${site}/${LAYER_LINK}`;
  return isOpen(layer) ? [layer, site] : [site];
}

/** A layer that nobody can look into is none: it is made anew. */
function isOpen(layer: string): boolean {
  try {
    accessSync(layer, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The distributions that Python finds in an environment, by name. */
export function presentIn(layers: LayersFacet): Map<string, PresentDistribution> {
  const present = new Map<string, PresentDistribution>();
  for (const site of packageFolders(layers)) {
    for (const found of listDistributions(site)) present.set(found.name, { ...found, site });
  }
  return present;
}

/** True when this version is the one that a lock names. What a project's folder holds tells its version only when built. */
export function isLocked(entry: LockedPackage | undefined, version: string): boolean {
  return entry !== undefined && (entry.version === null || entry.version === version || entry.directory !== undefined);
}
