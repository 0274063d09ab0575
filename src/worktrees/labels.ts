import type { EnvironmentRecord, Labels } from "../core/environment.ts";
import type { Manager } from "../environments/manager.ts";
import type { Worktree } from "../git/believe.ts";
import { isGone } from "../git/git-files.ts";
import { kindOf, PREFIXES } from "../project/kind.ts";
import { ownerOf } from "../project/pointer.ts";
import type { ProjectChoice } from "./sources.ts";

/** The labels by which an environment is that of a worktree. */
export const LABEL = {
  /** The worktree's own git folder: it stays the same when the worktree is moved. */
  gitDir: "worktree.git-dir",
  commonDir: "worktree.common-dir",
  /** {@link ProjectSources.digest} of when its packages were installed last; see {@link installedSources}. */
  sources: "worktree.sources",
  /** {@link InstallIdentity.id} of then: what the user has let run. */
  build: "worktree.build",
  /** Unique among the worktrees of the repository, for ports and the like. */
  number: "worktree.number",
  /** Groups and extras that were asked for, as JSON. */
  choice: "worktree.choice",
} as const;

/** The label's value. */
export function labelOf(record: { readonly labels: Labels }, name: keyof typeof LABEL): string | undefined {
  return record.labels[LABEL[name]];
}

/** By what a worktree's environment is known. */
type Place = Pick<Worktree, "gitDir" | "root">;

/** The environment that belongs to a worktree; of several, that which took the others' place. */
export async function environmentOf(skerry: Manager, worktree: Place): Promise<EnvironmentRecord | undefined> {
  return (await environmentsOf(skerry, worktree)).at(-1);
}

/** All of them, oldest first; see {@link ownOf}. */
export async function environmentsOf(skerry: Manager, worktree: Place): Promise<EnvironmentRecord[]> {
  return ownOf(await skerry.labelled(LABEL.gitDir), worktree);
}

/** The environments of all worktrees of a repository. */
export async function siblingsOf(
  skerry: Manager,
  { commonDir }: Pick<Worktree, "commonDir">,
): Promise<EnvironmentRecord[]> {
  return (await skerry.labelled(LABEL.commonDir)).filter((one) => labelOf(one, "commonDir") === commonDir);
}

/**
 * Those of some environments that are a worktree's, by their labels; one whose creation was cut short isn't any. When the
 * whole repository was moved the labels name what is gone, and what stands in the worktree tells.
 */
export function ownOf(labelled: readonly EnvironmentRecord[], { gitDir, root }: Place): EnvironmentRecord[] {
  const ready = labelled.filter(({ status }) => status === "ready");
  const own = ready.filter((one) => labelOf(one, "gitDir") === gitDir);
  if (own.length > 0) return own;
  const owners = PREFIXES.map((place) => [`${root}/${place}`, ownerOf(`${root}/${place}`)] as const);
  return ready.filter((one) => {
    const { prefix = "" } = one.spec;
    const here = owners.find(([, id]) => id === one.id)?.[0];
    if (here === undefined || !isGone(labelOf(one, "commonDir") ?? "/")) return false;
    return here === prefix || isGone(prefix);
  });
}

/** What of {@link ProjectSources.digest} was installed last; where `repair` installs as well, the engine knows. */
export function installedSources(record: EnvironmentRecord): string | undefined {
  const { installed } = kindOf(record);
  return installed ? installed(record) : labelOf(record, "sources");
}

/** What was asked for of a project when its environment was made. */
export function choiceOf(record: EnvironmentRecord | undefined): ProjectChoice {
  return JSON.parse((record && labelOf(record, "choice")) ?? "{}") as ProjectChoice;
}
