import type { LaunchRecipe, Realized } from "../core/engine.ts";
import { facetOf } from "../core/engine.ts";
import type { EnvironmentRecord } from "../core/environment.ts";
import type { Json } from "../core/json.ts";
import type { Context } from "./context.ts";
import { hostOf } from "./packages/home.ts";

/** What the warm path needs of an environment; nothing for engines whose commands aren't local processes. */
export function launchOf(context: Context, record: EnvironmentRecord, realized: Realized): { readonly launch?: Json } {
  const [local, home] = [facetOf(realized, "local"), facetOf(realized, "layers")];
  // How a command ended is seen only by who waits for it.
  if (!local.ok || record.cleanup.on === "keep-on-failure") return {};
  const source = home.ok && record.lock !== null ? home.use.source(hostOf(context)) : undefined;
  const witnesses = [...local.use.recipe.witnesses, ...(source ? [source.witness] : [])];
  const recipe: LaunchRecipe = { ...local.use.recipe, witnesses };
  return { launch: recipe as unknown as Json };
}
