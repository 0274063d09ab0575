import { EMPTY_LOCK, lockOfVersions } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import type { Context } from "../context.ts";
import type { CreateOptions } from "../options.ts";
import { type PackagePlan, planned, planOf } from "../packages/plan.ts";
import { type PrepareOptions, prepare, refuseTaken } from "./create.ts";

/** How the packages of a named environment are resolved, from what `create` was given. */
export function resolutionOf({
  refresh = false,
  resolve = false,
  versions,
}: {
  readonly refresh?: boolean | undefined;
  readonly resolve?: boolean | undefined;
  readonly versions?: Readonly<Record<string, string>> | undefined;
}): PrepareOptions {
  return { refresh, resolve, verb: "create", ...(versions ? { preferences: lockOfVersions(versions) } : {}) };
}

/** What suits environments with a name. */
export const NAMED_DEFAULTS = { mode: "full", tmp: "own" } as const;

/** What the creation of an environment would install. Makes nothing. */
export async function planCreate(context: Context, options: CreateOptions, op: Operation): Promise<PackagePlan> {
  const { keep: _, cleanup: __, ttlMs: ___, idleMs: ____, owner: _____, ...rest } = options;
  const { refresh, resolve, versions, signal: ______, onEvent: _______, ...asked } = rest;
  const { specOf } = await import("../request.ts");
  const spec = specOf(asked, await context.config(), context.cwd, NAMED_DEFAULTS);
  return planned(async () => {
    refuseTaken(context, spec.name);
    const found = await prepare(context, spec, resolutionOf({ refresh, resolve, versions }), op);
    const { pinned, lock, relaxed = [] } = found;
    if (!lock || !pinned.target.ok) return { added: [], removed: [], changed: [], downloads: [] };
    return planOf(context, EMPTY_LOCK, { lock, relaxed }, pinned.target.use.identity);
  });
}
