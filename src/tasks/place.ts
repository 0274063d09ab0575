import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Environment } from "../config/locate.ts";
import { digest } from "../core/json.ts";
import { detectWorktree, mainCheckout } from "../git/worktree.ts";
import { leadsInto } from "../worktrees/carry.ts";
import type { TaskSet } from "./collect.ts";
import { invalidTask, type Task } from "./task.ts";

/** Where a task runs. */
export interface TaskPlace {
  /** The folder that its patterns and `cwd` count from. */
  readonly folder: string;
  readonly cwd: string;
  /** The lease that it takes; undefined for one that isn't shared. */
  readonly lease: string | undefined;
  /** For people: why it isn't where it should be. */
  readonly note: string | undefined;
}

/** Where a task runs: in this worktree, or in the main checkout. @throws SKE-TASK-INVALID for a folder that isn't there */
export function placeOf(task: Task, { root, repositoryRoot }: TaskSet, env: Environment): TaskPlace {
  const own = task.source === "infrastructure" ? (repositoryRoot ?? root) : root;
  const { folder, ...rest } = task.shared
    ? sharedPlace(task, own, env)
    : { folder: own, lease: undefined, note: undefined };
  const cwd = resolve(folder, task.cwd);
  if (!existsSync(cwd)) throw invalidTask(task, `there is no folder ${cwd}`, "make the folder, or correct cwd");
  if (!leadsInto(cwd, folder)) {
    throw invalidTask(task, `${cwd} leads out of the project`, "name a folder inside of the project as cwd");
  }
  return { folder, cwd, ...rest };
}

function sharedPlace(task: Task, own: string, env: Environment): Omit<TaskPlace, "cwd"> {
  const found = detectWorktree(own, env);
  const worktree = found && "gitDir" in found ? found : undefined;
  const within = worktree ? relative(worktree.root, own) : "";
  const lease = `task-${digest({ of: worktree?.commonDir ?? own, within, task: task.name }).slice(0, 32)}`;
  const main = worktree && mainCheckout(worktree.commonDir);
  if (main === undefined || !existsSync(main)) {
    const note = `${task.name} is shared, and the repository has no main checkout: it runs in ${own}`;
    return { folder: own, lease, note };
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
