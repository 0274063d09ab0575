import type { Found } from "../core/engine.ts";
import type { Operation } from "../core/operation.ts";
import type { Context } from "./context.ts";

/**
 * What engines find that the ledger knows nothing of. A row is there before the first file of an environment and until
 * after its last one, so what has none here isn't being created or removed.
 */
export async function findStrays({ engines, ledger, paths }: Context, op: Operation): Promise<Found[]> {
  const seen = new Map<string, Found>();
  for (const name of engines.names) {
    for await (const found of engines.get(name).find(paths.envs, op)) seen.set(found.id, found);
  }
  return [...seen.values()].filter(({ id }) => ledger.environments.byId(id) === undefined);
}
