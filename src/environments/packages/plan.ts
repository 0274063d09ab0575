import { SkerryError } from "../../core/error.ts";
import type { LayerTarget } from "../../core/layer-target.ts";
import type { Lock } from "../../core/lock.ts";
import { changeBetween, type PackageChange, type RelaxedRequirement } from "../../core/package-change.ts";
import type { Conflict } from "../../packages/conflicts/conflict.ts";
import { hasTree } from "../../store/build.ts";
import type { Context } from "../context.ts";
import { conflictOf } from "./relaxed.ts";

/** A package that the store hasn't got yet. */
export interface PlannedDownload {
  readonly name: string;
  /** Null where only a build tells it. */
  readonly version: string | null;
  /** Of the file that the lock names, where the index says; the installer's cache may have it already. */
  readonly bytes?: number;
}

/** What a change would do. */
export interface PlannedChange extends PackageChange {
  readonly downloads: readonly PlannedDownload[];
}

/** A plan, or why there is none; `conflict` where requirements exclude each other. */
export type PackagePlan =
  | { readonly ok: true; readonly change: PlannedChange }
  | { readonly ok: false; readonly error: SkerryError; readonly conflict: Conflict | undefined };

/** Makes data of a plan and of what it fails with. */
export async function planned(plan: () => Promise<PlannedChange>): Promise<PackagePlan> {
  try {
    return { ok: true, change: await plan() };
  } catch (error) {
    if (!(error instanceof SkerryError) || error.code === "SKE-INTERRUPTED") throw error;
    return { ok: false, error, conflict: conflictOf(error) };
  }
}

/** What leads from one lock to the next. */
export function planOf(
  context: Context,
  before: Lock,
  { lock, relaxed = [] }: { readonly lock: Lock; readonly relaxed?: readonly RelaxedRequirement[] },
  target: LayerTarget,
): PlannedChange {
  const downloads = downloadsOf(context, lock, target);
  return { ...changeBetween(before, lock), ...(relaxed.length > 0 ? { relaxed } : {}), downloads };
}

/** What of a lock would have to be fetched or built. */
function downloadsOf(context: Context, lock: Lock, target: LayerTarget): PlannedDownload[] {
  return lock.packages
    .filter((one) => !one.directory && !hasTree(context.paths, one, target, lock.installer))
    .map((one) => {
      const files = one.wheels ?? [one.archive ?? one.sdist];
      const bytes = files.length === 1 ? files[0]?.size : undefined;
      return { name: one.name, version: one.version, ...(bytes === undefined ? {} : { bytes }) };
    });
}
