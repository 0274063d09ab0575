import { existsSync } from "node:fs";
import { join } from "node:path";
import { SkerryError } from "../core/error.ts";
import { digest } from "../core/json.ts";
import { newId } from "../core/names.ts";
import type { Operation } from "../core/operation.ts";
import { type AskedCheckout, askCheckout } from "../git/ask-checkout.ts";
import { firstChange } from "../git/changes.ts";
import { hashFile } from "../platform/hash-file.ts";
import type { WorktreePlan } from "./plan.ts";
import { runsNothing } from "./runs-nothing.ts";

const TREE = ["rev-parse", "--verify", "HEAD^{tree}"];

/** What installing a worktree's environment runs of the project. */
export interface InstallIdentity {
  /** Equal ones run the same. Kept with an environment that the user has asked for. */
  readonly id: string;
  /** Why it can be equal to no other: one clause for people. */
  readonly problem?: string;
}

/**
 * Says what installing runs, so that what the user has run can be told from what a branch has made of it. Where nothing of
 * the project is run, these are the files that say what is installed, byte for byte. A project that is built may run
 * whatever it has: there it is all that git keeps of the worktree, if that is all there is.
 */
export async function installIdentity(
  worktree: AskedCheckout,
  { project, sources }: Pick<WorktreePlan, "project" | "sources">,
  env: Readonly<NodeJS.ProcessEnv>,
  op: Operation,
): Promise<InstallIdentity> {
  const { root } = worktree;
  const own = [join(root, "skerry.toml")].filter((path) => existsSync(path));
  const files = [...new Set([...sources.read, ...own])].sort();
  if (runsNothing(project, files, sources.packages.editables.length > 0)) {
    return { id: `files ${digest(files.map((path) => [path.slice(root.length), hashFile(path)]))}` };
  }
  try {
    const change = await firstChange(worktree, env, op);
    if (change === undefined) return { id: `tree ${(await askCheckout(worktree, TREE, env, op)).trim()}` };
    return { id: `unknown ${newId()}`, problem: `it has changes that aren't committed, such as ${change}` };
  } catch (error) {
    if (!(error instanceof SkerryError) || op.signal.aborted) throw error;
    return { id: `unknown ${newId()}`, problem: "git can't say what is in it" };
  }
}
