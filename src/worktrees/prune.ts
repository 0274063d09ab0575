import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { EnvironmentRecord } from "../core/environment.ts";
import { folderOf, readPointer } from "../engines/pointer.ts";
import type { Skerry } from "../environments/skerry.ts";
import { lineOf } from "../git/worktree.ts";
import { LABEL, labelOf } from "./labels.ts";

/** An environment whose worktree is gone or elsewhere. */
export interface Departed {
  readonly environment: EnvironmentRecord;
  /** `removed`: git or the user removed the worktree; `moved`: git knows where it is now. */
  readonly what: "removed" | "moved";
  readonly root: string;
}

/**
 * The environments whose worktrees aren't where they were. One that is locked stays, for its disk may not be attached;
 * so does one whose whole repository isn't there, unless `withRepository`.
 * @param labelled those that have a label of a worktree's git folder
 */
export function departed(
  labelled: readonly EnvironmentRecord[],
  options: { readonly withRepository?: boolean } = {},
): Departed[] {
  return labelled.flatMap((environment): Departed[] => {
    const { prefix } = environment.spec;
    const [gitDir, commonDir] = [labelOf(environment, "gitDir"), labelOf(environment, "commonDir")];
    if (environment.status !== "ready" || prefix === undefined || !gitDir || !commonDir) return [];
    const root = folderOf(prefix);
    if (!existsSync(commonDir)) {
      return options.withRepository && !existsSync(root) ? [{ environment, what: "removed", root }] : [];
    }
    if (!existsSync(gitDir)) return [{ environment, what: "removed", root }];
    const known = lineOf(join(gitDir, "gitdir"));
    const now = known === undefined ? root : dirname(resolve(gitDir, known));
    if (now !== root && readPointer(join(now, relative(root, prefix)))?.id === environment.id && !existsSync(prefix))
      return [{ environment, what: "moved", root: now }];
    const isLocked = existsSync(join(gitDir, "locked"));
    return existsSync(root) || isLocked ? [] : [{ environment, what: "removed", root }];
  });
}

/** What {@link pruneWorktrees} did. */
export interface PruneReport {
  readonly removed: readonly { readonly name: string; readonly root: string }[];
  /** Repaired where they are now. */
  readonly moved: readonly { readonly name: string; readonly root: string }[];
}

/** Removes the environments of worktrees that are gone, and takes up those of worktrees that git moved. */
export async function pruneWorktrees(
  skerry: Skerry,
  options: { readonly withRepository?: boolean; readonly dryRun?: boolean; readonly signal?: AbortSignal } = {},
): Promise<PruneReport> {
  const { dryRun = false, signal } = options;
  const found = departed(skerry.labelled(LABEL.gitDir), options);
  for (const { environment, what, root } of dryRun ? [] : found) {
    if (what === "removed") await skerry.destroy(environment.id, { force: true, ...(signal ? { signal } : {}) });
    else {
      const before = environment.spec.prefix!;
      const prefix = join(root, relative(folderOf(before), before));
      await (await skerry.open(environment.id)).repair({ prefix, safe: true, signal });
    }
  }
  const told = (which: Departed["what"]) =>
    found.filter(({ what }) => what === which).map(({ environment: { name }, root }) => ({ name, root }));
  return { removed: told("removed"), moved: told("moved") };
}
