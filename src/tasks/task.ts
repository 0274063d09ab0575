import { SkerryError } from "../core/error.ts";

/** Where tasks come from, in order of precedence: skerry.toml, `[tool.skerry]`, pixi's tables, `[project.scripts]`, the shared infrastructure, the user's own file. */
export const TASK_SOURCES = ["project", "pyproject", "pixi", "scripts", "infrastructure", "user"] as const;
export type TaskSource = (typeof TASK_SOURCES)[number];

/** What a task runs: words as they are, or a text for `sh -c` that gets the caller's arguments as its own. */
export type TaskCommand =
  | {
      readonly kind: "words";
      readonly argv: readonly [string, ...string[]];
      /** Stands for the caller's arguments where there are none. */
      readonly otherwise?: readonly string[];
    }
  | {
      readonly kind: "shell";
      readonly script: string;
      /** Where the caller's arguments go: behind the last command, or nowhere; absent: to the script, as its own. */
      readonly args?: "behind" | "none";
    };

/**
 * What a task runs in: undefined stands for the worktree's own environment, else the one behind `skerry run`; false for
 * none at all; a text for a named one; a table for one of its own, as `skerry run --with` makes it.
 */
export type TaskEnvironment =
  | undefined
  | false
  | string
  | { readonly python?: string | undefined; readonly requirements?: readonly string[] | undefined };

/** A task as it was written, in one form whatever file it stands in. */
export interface Task {
  readonly name: string;
  readonly source: TaskSource;
  /** The file that it stands in. Absolute. */
  readonly file: string;
  readonly description: string | undefined;
  /** Undefined for one that only stands for those it depends on. */
  readonly command: TaskCommand | undefined;
  readonly dependsOn: readonly string[];
  readonly environment: TaskEnvironment;
  /** Relative to the folder that tasks belong to. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Patterns of files, relative to the same folder. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Runs in the main checkout, one at a time among all worktrees. */
  readonly shared: boolean;
  readonly timeoutMs: number | undefined;
  /** Why it can't be run as it is written. */
  readonly problem: { readonly reason: string; readonly hint: string } | undefined;
}

/** A task with nothing but a name. */
export function plainTask(name: string, source: TaskSource, file: string): Task {
  return {
    name,
    source,
    file,
    description: undefined,
    command: undefined,
    dependsOn: [],
    environment: undefined,
    cwd: ".",
    env: {},
    inputs: [],
    outputs: [],
    shared: false,
    timeoutMs: undefined,
    problem: undefined,
  };
}

/** What is executed. Arguments are words of their own, for a shell too: never a part of its text. */
export function argvOf(name: string, command: TaskCommand, args: readonly string[]): [string, ...string[]] {
  if (command.kind === "shell") {
    const script = command.args === "behind" && args.length > 0 ? `${command.script} "$@"` : command.script;
    return ["sh", "-c", script, name, ...args];
  }
  return [...command.argv, ...(args.length > 0 ? args : (command.otherwise ?? []))] as [string, ...string[]];
}

/** The command on one line, for people. */
export function describeCommand(command: TaskCommand | undefined): string {
  if (command === undefined) return "";
  if (command.kind === "shell") return command.script;
  return [...command.argv, ...(command.otherwise ?? [])]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(" ");
}

/** The error of a task that can't be run as it is written. */
export function invalidTask(task: Pick<Task, "name" | "file">, reason: string, hint: string): SkerryError {
  return new SkerryError("SKE-TASK-INVALID", `The task ${task.name} of ${task.file} can't be run: ${reason}`, {
    hint,
    details: { task: task.name, file: task.file },
  });
}
