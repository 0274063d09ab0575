import type { EnvironmentRecord, Labels } from "../core/environment.ts";
import type { Skerry } from "../environments/skerry.ts";
import type { Worktree } from "../git/worktree.ts";
import type { ProjectChoice } from "./sources.ts";

/** The labels by which an environment is that of a worktree. */
export const LABEL = {
  /** The worktree's own git folder: it stays the same when the worktree is moved. */
  gitDir: "worktree.git-dir",
  commonDir: "worktree.common-dir",
  /** {@link ProjectSources.digest} of when its packages were installed last. */
  sources: "worktree.sources",
  /** {@link buildDigest} of then: what the user has let run. */
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

/** The environment that belongs to a worktree; of several, that which took the others' place. */
export function environmentOf(skerry: Skerry, worktree: Pick<Worktree, "gitDir">): EnvironmentRecord | undefined {
  return environmentsOf(skerry, worktree).at(-1);
}

/** All of them, by their labels, oldest first; one whose creation was cut short isn't any. */
export function environmentsOf(skerry: Skerry, { gitDir }: Pick<Worktree, "gitDir">): EnvironmentRecord[] {
  return skerry.labelled(LABEL.gitDir).filter((one) => labelOf(one, "gitDir") === gitDir && one.status === "ready");
}

/** What was asked for of a project when its environment was made. */
export function choiceOf(record: EnvironmentRecord | undefined): ProjectChoice {
  return JSON.parse((record && labelOf(record, "choice")) ?? "{}") as ProjectChoice;
}
