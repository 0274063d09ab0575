import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { EnvironmentRecord } from "../core/environment.ts";
import type { OperationOptions } from "../core/operation.ts";
import type { Environment } from "../environments/environment.ts";
import type { Manager } from "../environments/manager.ts";
import { checkoutAt } from "../git/believe.ts";
import { isGone, lineOf } from "../git/git-files.ts";
import { folderOf, kindOf } from "../project/kind.ts";
import { readPointer } from "../project/pointer.ts";
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
 * so does one whose whole repository isn't there, unless `withRepository`. Of those that an engine manages, no moved one is among them.
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
    if (isGone(commonDir)) {
      return options.withRepository && isGone(root) ? [{ environment, what: "removed", root }] : [];
    }
    if (isGone(gitDir)) return [{ environment, what: "removed", root }];
    const known = lineOf(join(gitDir, "gitdir"));
    const now = known === undefined ? root : dirname(resolve(gitDir, known));
    const isThere = now !== root && isGone(prefix) && isWorktreeOf(now, gitDir);
    if (isThere && readPointer(join(now, relative(root, prefix)))?.id === environment.id) {
      // Its engine would install what the manifest says by now, and run what it names: that is for `init` to do.
      return kindOf(environment).isManaged ? [] : [{ environment, what: "moved", root: now }];
    }
    const isLocked = !isGone(join(gitDir, "locked"));
    return isGone(root) && !isLocked ? [{ environment, what: "removed", root }] : [];
  });
}

/** Whether a folder is the worktree with this git folder, by what both say. */
function isWorktreeOf(folder: string, gitDir: string): boolean {
  const checkout = checkoutAt(folder);
  return checkout?.gitDir === gitDir && checkout.displaced === undefined;
}

/** What {@link pruneWorktrees} did. */
export interface PruneReport {
  readonly removed: readonly { readonly name: string; readonly root: string }[];
  /** Repaired where they are now. */
  readonly moved: readonly { readonly name: string; readonly root: string }[];
}

/** Removes the environments of worktrees that are gone, and takes up those of worktrees that git moved. */
export async function pruneWorktrees(
  skerry: Manager,
  options: { readonly withRepository?: boolean; readonly dryRun?: boolean } & OperationOptions = {},
): Promise<PruneReport> {
  const { dryRun = false, signal, onEvent } = options;
  const found = departed(await skerry.labelled(LABEL.gitDir), options);
  for (const { environment, what, root } of dryRun ? [] : found) {
    if (what === "removed") await skerry.destroy(environment.id, { force: true, signal, onEvent });
    else await takeUp(await skerry.open(environment.id), root, { signal, onEvent });
  }
  const told = (which: Departed["what"]) =>
    found.filter(({ what }) => what === which).map(({ environment: { name }, root }) => ({ name, root }));
  return { removed: told("removed"), moved: told("moved") };
}

/** Lets an environment lie where its worktree is now. */
async function takeUp(environment: Environment, root: string, on: OperationOptions): Promise<void> {
  const { prefix: before = "", packages } = environment.record.spec;
  const former = folderOf(before);
  // What is installed of the worktree's own source is imported from where that was. A build runs code of the project:
  // it is left to `init`, and to the hook where the same was built before.
  const spellings = [former, pathToFileURL(former).href];
  const isOwn = (one: string) => spellings.some((spelling) => one.includes(spelling));
  const isStale = [...packages.requirements, ...packages.editables].some(isOwn);
  if (isStale) await environment.label({ [LABEL.sources]: "moved" });
  await environment.repair({ prefix: join(root, relative(former, before)), safe: true, ...on });
}
