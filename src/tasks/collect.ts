import type { Environment, Located } from "../config/locate.ts";
import { parseLocated, readSettings } from "../config/settings.ts";
import { readTaskFiles, requestTaskTrust, type TaskFile } from "../config/task-files.ts";
import type { TaskTable } from "../config/task-keys.ts";
import type { TrustRequest } from "../config/trust.ts";
import { taskOfTable } from "./from-configuration.ts";
import { infrastructureTasks } from "./from-infrastructure.ts";
import { featureTasks, pixiTasks, scriptTasks } from "./from-other-tools.ts";
import { TASK_SOURCES, type Task, type TaskSource } from "./task.ts";

/** The tasks of a folder. */
export interface TaskSet {
  /** The folder that they belong to; that of the shared infrastructure is the repository's. */
  readonly root: string;
  readonly repositoryRoot: string | undefined;
  /** By name, in order of precedence. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** What it takes to run those of other tools' files. */
  readonly request: TrustRequest | undefined;
}

const READERS: Readonly<Record<TaskFile["kind"], (file: TaskFile, env: Environment) => Task[]>> = {
  pixi: pixiTasks,
  features: featureTasks,
  scripts: scriptTasks,
  infrastructure: infrastructureTasks,
};

/** Finds the tasks of a folder, trusted or not. Of those with one name the first source counts. @throws SKE-CONFIG */
export function collectTasks(located: Located, env: Environment): TaskSet {
  const others = readTaskFiles(located, env);
  const configured = readSettings(parseLocated(located), env)
    .filter(({ key }) => key === "tasks")
    .flatMap(({ value, origin }) =>
      Object.entries(value as Readonly<Record<string, TaskTable>>).map(([name, table]) =>
        taskOfTable(name, table, origin.source as TaskSource, origin.path ?? ""),
      ),
    );
  const all = [...configured, ...others.files.flatMap((file) => READERS[file.kind](file, env))];
  const tasks = new Map<string, Task>();
  for (const source of TASK_SOURCES) {
    for (const task of all) if (task.source === source && !tasks.has(task.name)) tasks.set(task.name, task);
  }
  const { root, repositoryRoot } = others;
  return { root, repositoryRoot, tasks, request: requestTaskTrust(others) };
}
