import type { TaskOutcome } from "../core/event.ts";
import type { Manager } from "../environments/manager.ts";
import type { PlannedTask, RunTaskOptions, TaskCaller } from "./run.ts";
import type { Task } from "./task.ts";

/** The tasks of the folder that a library was opened in. */
export class Tasks {
  readonly #skerry: Manager;
  readonly #caller: TaskCaller;

  /** Made by `Skerry`. */
  constructor(skerry: Manager, caller: TaskCaller) {
    this.#skerry = skerry;
    this.#caller = caller;
  }

  /** All of them, by name, in order of precedence of where they stand. Runs nothing and needs no trust. @throws SKE-CONFIG */
  async list(): Promise<Task[]> {
    const { collectTasks } = await import("./collect.ts");
    const { located, env } = this.#caller;
    return [...collectTasks(located, env).tasks.values()];
  }

  /** What {@link run} would do now, in order. Runs nothing and needs no trust. @throws as that, but for trust */
  async plan(name: string, options: Pick<RunTaskOptions, "args" | "force" | "signal"> = {}): Promise<PlannedTask[]> {
    const { planTask } = await import("./run.ts");
    return planTask(this.#skerry, this.#caller, name, options);
  }

  /**
   * Runs a task behind all that it depends on, what is independent at once. What has inputs or outputs and is unchanged
   * since it last succeeded is skipped. When one fails, those that run are stopped and no other begins; that is no error.
   * @returns what became of each, in order
   * @throws SKE-TASK-NOT-FOUND, SKE-TASK-CYCLE, SKE-TASK-INVALID, SKE-CONFIG-UNTRUSTED, and what starting one fails with
   */
  async run(name: string, options: RunTaskOptions = {}): Promise<TaskOutcome[]> {
    const { runTask } = await import("./run.ts");
    return runTask(this.#skerry, this.#caller, name, options);
  }
}
