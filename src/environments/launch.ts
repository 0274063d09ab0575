import { existsSync } from "node:fs";
import type { LaunchRecipe, Realized } from "../core/engine.ts";
import type { EnvironmentRecord } from "../core/environment.ts";
import type { Json } from "../core/json.ts";
import { LAYER_LINK } from "../store/layer.ts";

/** What the warm path needs of an environment; nothing for engines whose commands aren't local processes. */
export function launchOf(record: EnvironmentRecord, realized: Realized): { readonly launch?: Json } {
  const { local, layers } = realized.facets;
  // How a command ended is seen only by who waits for it.
  if (!local.ok || record.cleanup.on === "keep-on-failure") return {};
  const witnesses = [...local.use.recipe.witnesses];
  if (layers.ok && record.lock !== null && layers.use.mode === "thin") {
    // Looked at through the link, so that a layer that is gone is noticed.
    const link = `${layers.use.prefix}/${layers.use.sitePackages}/${LAYER_LINK}`;
    if (existsSync(link)) witnesses.push({ path: link });
  }
  const recipe: LaunchRecipe = { ...local.use.recipe, witnesses };
  return { launch: recipe as unknown as Json };
}
