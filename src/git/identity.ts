import { relative } from "node:path";
import { checkoutAt } from "./believe.ts";

/** What a project is known by when it is trusted. */
export interface ProjectIdentity {
  /** The common git folder, the same for all worktrees of a repository; without a repository, the project's folder. */
  readonly anchor: string;
  /** Where the project's folder lies in the worktree: `""` at its root. */
  readonly within: string;
}

/**
 * Finds what a project is known by. A checkout whose git folder doesn't know of it, one that was moved or copied, and what
 * belongs to another user stand for nothing but the place they are in.
 * @param repositoryRoot the folder that has the `.git` entry; undefined outside of repositories
 */
export function identifyProject(projectRoot: string, repositoryRoot: string | undefined): ProjectIdentity {
  const checkout = repositoryRoot === undefined ? undefined : checkoutAt(repositoryRoot);
  if (checkout === undefined || checkout.displaced !== undefined) return { anchor: projectRoot, within: "" };
  return { anchor: checkout.commonDir, within: relative(checkout.root, projectRoot) };
}
