import { readdirSync, statSync } from "node:fs";
import type { Found } from "../../core/engine.ts";
import { placeAt } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { type Operation, throwIfStopped } from "../../core/operation.ts";
import { fileTime } from "../../platform/file-time.ts";
import { exists } from "../../platform/files.ts";
import { removeTree, trash } from "../../platform/remove.ts";
import { temporaryOf } from "../../platform/temporary.ts";
import type { Context } from "../context.ts";

/** What an engine found and no environment is. */
export interface Stray extends Found {
  readonly engine: string;
}

/**
 * What engines find that the ledger knows nothing of. A row is there before the first file of an environment and until
 * after its last one, so what has none here isn't being created or removed.
 */
export async function findStrays({ engines, ledger, paths }: Context, op: Operation): Promise<Stray[]> {
  const strays: Stray[] = [];
  for (const engine of engines.names) {
    for await (const found of engines.get(engine).find(paths.envs, op))
      if (ledger.environments.byId(found.id) === undefined) strays.push({ ...found, engine });
  }
  return strays;
}

/** Removes a stray: out of the way in one step first, so that a part of it isn't taken for something else. */
async function discardStray({ engines, paths }: Context, stray: Stray, op: Operation): Promise<void> {
  const gone = trash(paths, stray.place);
  if (gone !== undefined) await removeTree(gone);
  await engines.get(stray.engine).discard(stray, op);
}

/** {@link discardStray}. @returns why it couldn't be done */
export async function tryDiscard(context: Context, stray: Stray, op: Operation): Promise<string | undefined> {
  try {
    await discardStray(context, stray, op);
    return undefined;
  } catch (error) {
    throwIfStopped(op);
    if (error instanceof SkerryError) return error.message;
    throw error;
  }
}

/** When something was last put into or taken out of a stray, in milliseconds since 1970. */
export function lastChange({ place, changedAt }: Stray): number {
  if (changedAt !== undefined) return changedAt;
  const { root, tmp } = placeAt(place);
  const stats = [root, tmp, temporaryOf(root)].map((path) => statSync(path, { throwIfNoEntry: false }));
  return Math.max(...stats.map((stat) => (stat ? fileTime(stat) : 0)));
}

const DAY_MS = 86_400_000;

/** Whether a stray was used within a day: a ledger that was moved aside may come back, and with it what the folder belongs to. */
export function mayBeMissed(stray: Stray): boolean {
  return lastChange(stray) > Date.now() - DAY_MS;
}

/** Whether the folder of a stray holds files that Skerry didn't put there. */
export function holdsFiles({ place }: Stray): boolean {
  const { root, work } = placeAt(place);
  return [work, `${root}/home`].some((path) => exists(path) && readdirSync(path).length > 0);
}
