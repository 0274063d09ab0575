import { existsSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Environment } from "../config/locate.ts";
import { digest } from "../core/json.ts";
import type { Worktree } from "../git/believe.ts";
import { mainCheckout, worktreeAt } from "../git/worktree.ts";
import { leadsInto } from "../platform/files.ts";
import type { TaskSet } from "./collect.ts";
import { invalidTask, type Task } from "./task.ts";

/** Where a task runs. */
export interface TaskPlace {
  /** The folder that its patterns and `cwd` count from. */
  readonly folder: string;
  /** The folders that links in patterns may lead into: that one, and the main checkout, whose folders worktrees share. */
  readonly reach: readonly string[];
  readonly cwd: string;
  /** The lease that it takes; undefined for one that isn't shared. */
  readonly lease: string | undefined;
  /** For people: why it isn't where it should be. */
  readonly note: string | undefined;
}

/** Where a task runs: in this worktree, or in the main checkout. @throws SKE-TASK-INVALID where that lacks the folder */
export function placeOf(task: Task, { root, repositoryRoot }: TaskSet, env: Environment): TaskPlace {
  const own = task.source === "infrastructure" ? (repositoryRoot ?? root) : root;
  const worktree = task.shared || task.inputs.length + task.outputs.length > 0 ? worktreeAt(own, env) : undefined;
  // Where git doesn't know of a worktree, nothing is run in others of the repository.
  const main = worktree && !worktree.displaced ? mainCheckout(worktree.commonDir) : undefined;
  const { folder, lease, note } = task.shared
    ? sharedPlace(task, own, worktree, main)
    : { folder: own, lease: undefined, note: undefined };
  const reach = main === undefined ? [folder] : [folder, main];
  return { folder, reach, cwd: resolve(folder, task.cwd), lease, note };
}

/**
 * Looks at the folder of a task that is just to begin: one that it depends on may have made it.
 * @throws SKE-TASK-INVALID for one that isn't there, or leads out of the project
 */
export function checkFolder(task: Task, { folder, cwd }: TaskPlace): void {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw invalidTask(task, `there is no folder ${cwd}`, "make the folder, or correct cwd");
  }
  if (!leadsInto(cwd, folder)) {
    throw invalidTask(task, `${cwd} leads out of the project`, "name a folder inside of the project as cwd");
  }
}

function sharedPlace(
  task: Task,
  own: string,
  worktree: Worktree | undefined,
  main: string | undefined,
): Pick<TaskPlace, "folder" | "lease" | "note"> {
  const isDisplaced = worktree?.displaced !== undefined;
  const within = worktree ? relative(worktree.root, own) : "";
  const of = worktree && !isDisplaced ? worktree.commonDir : own;
  const lease = `task-${digest({ of, within, task: task.name }).slice(0, 32)}`;
  if (main === undefined) {
    const why = isDisplaced ? `${worktree.root} isn't where git knows it` : "the repository has no main checkout";
    const mend = worktree?.displaced === "moved" ? " (git worktree repair tells it)" : "";
    return { folder: own, lease, note: `${task.name} is shared, and ${why}${mend}: it runs in ${own}` };
  }
  const folder = join(main, within);
  if (!existsSync(folder)) {
    throw invalidTask(
      task,
      `it is shared, and the main checkout has no ${folder}`,
      "check out there what has the folder",
    );
  }
  return { folder, lease, note: undefined };
}
