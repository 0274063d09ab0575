import { readlinkSync } from "node:fs";
import type { LaunchRecipe, LayersFacet, Realized } from "../core/engine.ts";
import { facetOf } from "../core/engine.ts";
import type { EnvironmentRecord } from "../core/environment.ts";
import { isErrno } from "../core/error.ts";
import type { Json } from "../core/json.ts";
import { LAYER_LINK } from "../python/own-paths.ts";
import { type Layer, openLayer } from "../store/layer.ts";
import type { Context } from "./context.ts";

/** What the warm path needs of an environment; nothing for engines whose commands aren't local processes. */
export function launchOf(context: Context, record: EnvironmentRecord, realized: Realized): { readonly launch?: Json } {
  const [local, layers] = [facetOf(realized, "local"), facetOf(realized, "layers")];
  // How a command ended is seen only by who waits for it.
  if (!local.ok || record.cleanup.on === "keep-on-failure") return {};
  const witnesses = [...local.use.recipe.witnesses];
  const layer = layers.ok && record.lock !== null ? layerOf(context, layers.use) : undefined;
  if (layers.ok && layer) {
    // Looked at through the link, so that either of both being gone is noticed; and a layer that was copied, by its time.
    const [path, size, mtimeMs] = layer.witness;
    const site = `${layers.use.prefix}/${layers.use.sitePackages}`;
    witnesses.push({ path: `${site}/${LAYER_LINK}/${path.slice(layer.sitePackages.length + 1)}`, size, mtimeMs });
  }
  const recipe: LaunchRecipe = { ...local.use.recipe, witnesses };
  return { launch: recipe as unknown as Json };
}

/** The layer that a prefix reads its packages through, whose link is there and leads to it; undefined: none that can be seen. */
export function layerOf({ paths }: Context, { prefix, sitePackages }: LayersFacet): Layer | undefined {
  try {
    const target = readlinkSync(`${prefix}/${sitePackages}/${LAYER_LINK}`);
    const key = /\/layers\/([0-9a-f]{64})\//.exec(target)?.[1];
    return key === undefined ? undefined : openLayer(paths, key);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EINVAL", "EACCES")) return undefined;
    throw error;
  }
}
