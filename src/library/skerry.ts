import type { Context } from "../environments/context.ts";
import { Manager, type Parts } from "../environments/manager.ts";
import { Tasks } from "../tasks/tasks.ts";
import { Worktrees } from "../worktrees/worktrees.ts";

/** Environments, and all that hangs from them: what {@link openSkerry} opens. */
export class Skerry extends Manager {
  /** The environment of the git worktree that this was opened in, and of others. */
  readonly worktrees: Worktrees;
  /** The tasks of the folder that this was opened in. */
  readonly tasks: Tasks;

  /** Made by {@link openSkerry}. */
  constructor(context: Context, parts: Parts) {
    super(context, parts);
    const { cwd, env } = context;
    this.worktrees = new Worktrees(this, { cwd, env });
    this.tasks = new Tasks(this, { located: parts.located, env });
  }
}
