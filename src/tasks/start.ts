import type { Operation } from "../core/operation.ts";
import type { ProcessIo, RunningProcess } from "../core/process.ts";
import type { Variables } from "../core/variables.ts";
import type { Environment } from "../environments/environment.ts";
import { noEnvironmentYet } from "../environments/here.ts";
import type { Manager } from "../environments/manager.ts";
import { findProgram } from "../platform/which.ts";
import { spawnProcess } from "../processes/spawn.ts";
import { startCommand } from "../processes/start.ts";
import { kindOf, type ProjectKind } from "../project/kind.ts";
import { checkFolder, type TaskPlace } from "./place.ts";
import { argvOf, type Task, type TaskCommand } from "./task.ts";

/** Tasks in the manifest of an engine's projects are for the environment that it makes there. */
function kindOfTask({ source }: Task): ProjectKind {
  return kindOf({ engine: source });
}

/** Starts the commands of tasks, and opens each environment that they run in once. */
export class Starter implements AsyncDisposable {
  readonly #skerry: Manager;
  readonly #env: Variables;
  readonly #open = new Map<string, Promise<Environment>>();

  constructor(skerry: Manager, env: Variables) {
    this.#skerry = skerry;
    this.#env = env;
  }

  /** @throws SKE-TASK-INVALID for its folder, SKE-ENV-NOT-FOUND, SKE-COMMAND-NOT-FOUND, and what making an environment fails with */
  async start(
    task: Task & { readonly command: TaskCommand; readonly place: TaskPlace; readonly args: readonly string[] },
    streams: ProcessIo,
    op: Operation,
  ): Promise<RunningProcess> {
    const { place } = task;
    const argv = argvOf(task.name, task.command, task.args);
    if (task.environment !== false) {
      const environment = await this.#environment(task, place, op);
      checkFolder(task, place);
      return environment.start(argv, {
        cwd: place.cwd,
        env: task.env,
        signal: op.signal,
        onEvent: op.tell,
        ...streams,
      });
    }
    checkFolder(task, place);
    const env: Record<string, string> = { ...(this.#env as Record<string, string>), ...task.env };
    const file = findProgram(argv[0], env.PATH, place.cwd);
    const plan = { file, argv, env, cwd: place.cwd };
    return startCommand((to) => spawnProcess(plan, to), streams, op);
  }

  #environment(task: Task, { folder }: TaskPlace, op: Operation): Promise<Environment> {
    const key = JSON.stringify([task.environment ?? { folder }, kindOfTask(task).isManaged]);
    const known = this.#open.get(key) ?? this.#find(task, folder, op);
    this.#open.set(key, known);
    return known;
  }

  async #find(task: Task, folder: string, { signal, tell }: Operation) {
    const { environment } = task;
    if (typeof environment === "string") return this.#skerry.open(environment);
    const here = environment === undefined ? await this.#skerry.here(folder) : undefined;
    if (here) return here;
    // What it needs is in no other environment than that of its project.
    const kind = kindOfTask(task);
    if (environment === undefined && kind.isManaged) {
      const { name, file } = task;
      throw noEnvironmentYet(kind, `The task ${name} of ${file} can't be run`, { task: name, file });
    }
    const { python, requirements } = environment || {};
    return this.#skerry.cached({
      ...(python === undefined ? {} : { python }),
      ...(requirements === undefined ? {} : { requirements: [...requirements] }),
      signal,
      onEvent: tell,
    });
  }

  /** Removes what was made for these tasks alone. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of await Promise.allSettled(this.#open.values())) {
      if (one.status === "fulfilled") await one.value[Symbol.asyncDispose]();
    }
  }
}
