import { accessSync, constants, readlinkSync } from "node:fs";
import { isErrno } from "../../core/error.ts";
import type { Distribution, PackageHost, PackageSource } from "../../core/package-home.ts";
import { readIfExists } from "../../platform/files.ts";
import { listDistributions } from "../../python/dist-info.ts";
import { LAYER_LINK } from "../../python/own-paths.ts";
import { hasLostTimes, openLayer } from "../../store/layer.ts";
import type { LinkedPlace } from "./linked-place.ts";

/** The distributions that Python finds in an environment, by name; its own win over those of its layer. */
export function presentIn({ prefix, sitePackages }: LinkedPlace): Map<string, Distribution> {
  const own = `${prefix}/${sitePackages}`;
  const layer = `${own}/${LAYER_LINK}`;
  const present = new Map<string, Distribution>();
  for (const site of isOpen(layer) ? [layer, own] : [own]) {
    for (const { name, version, folder } of listDistributions(site))
      present.set(name, { name, version, readText: async (file) => readIfExists(`${site}/${folder}/${file}`) });
  }
  return present;
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

/** The layer that a prefix reads its packages through, whose link is there and leads to it; undefined: none that can be seen. */
export function layerOf({ paths }: PackageHost, { prefix, sitePackages }: LinkedPlace): PackageSource | undefined {
  const way = `${prefix}/${sitePackages}/${LAYER_LINK}`;
  try {
    const key = /\/layers\/([0-9a-f]{64})\//.exec(readlinkSync(way))?.[1];
    const layer = key === undefined ? undefined : openLayer(paths, key);
    if (layer === undefined) return undefined;
    const [path, size, mtimeMs] = layer.witness;
    // Looked at through the link, so that either of both being gone is noticed; and a layer that was copied, by its time.
    const witness = { path: `${way}/${path.slice(layer.sitePackages.length + 1)}`, size, mtimeMs };
    return { witness, isWhole: () => !hasLostTimes(layer) };
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EINVAL", "EACCES")) return undefined;
    throw error;
  }
}
