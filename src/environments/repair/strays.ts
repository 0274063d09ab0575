import { readdirSync, statSync } from "node:fs";
import type { Found } from "../../core/engine.ts";
import { placeAt } from "../../core/environment.ts";
import type { Operation } from "../../core/operation.ts";
import { fileTime } from "../../platform/file-time.ts";
import { exists } from "../../platform/files.ts";
import { temporaryOf } from "../../platform/temporary.ts";
import type { Context } from "../context.ts";

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

/** When something was last put into or taken out of a stray folder, in milliseconds since 1970. */
export function lastChange(place: string): number {
  const { root, tmp } = placeAt(place);
  const stats = [root, tmp, temporaryOf(root)].map((path) => statSync(path, { throwIfNoEntry: false }));
  return Math.max(...stats.map((stat) => (stat ? fileTime(stat) : 0)));
}

const DAY_MS = 86_400_000;

/** Whether a stray folder was used within a day: a ledger that was moved aside may come back, and with it what the folder belongs to. */
export function mayBeMissed(place: string): boolean {
  return lastChange(place) > Date.now() - DAY_MS;
}

/** Whether a stray folder holds files that Skerry didn't put there. */
export function holdsFiles(place: string): boolean {
  const { root, work } = placeAt(place);
  return [work, `${root}/home`].some((path) => exists(path) && readdirSync(path).length > 0);
}
