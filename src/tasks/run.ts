import { availableParallelism } from "node:os";
import type { Located } from "../config/locate.ts";
import { SkerryError } from "../core/error.ts";
import type { TaskOutcome } from "../core/event.ts";
import { type Operation, type OperationOptions, operation, throwIfStopped } from "../core/operation.ts";
import type { ExitResult, ProcessIo } from "../core/process.ts";
import type { Variables } from "../core/variables.ts";
import type { Manager } from "../environments/manager.ts";
import { acquireLease } from "../platform/lease.ts";
import { statePaths } from "../platform/paths.ts";
import { collectTasks, type TaskSet } from "./collect.ts";
import { RunningNote } from "./left.ts";
import { Memory } from "./memory.ts";
import { inOrder, orderOf } from "./order.ts";
import { placeOf, type TaskPlace } from "./place.ts";
import { Starter } from "./start.ts";
import { argvOf, invalidTask, type Task, type TaskCommand } from "./task.ts";

/** How to run a task. */
export interface RunTaskOptions extends OperationOptions {
  /** Arguments for the task itself; those it depends on get none. */
  readonly args?: readonly string[];
  /** Run also what is unchanged. */
  readonly force?: boolean;
  /** How many tasks at once; as many as there are processors when absent. */
  readonly jobs?: number | undefined;
  /** Keep what the tasks print, for {@link TaskOutcome}, instead of showing it. */
  readonly capture?: boolean;
}

/** What would be done with a task. */
export interface PlannedTask {
  readonly name: string;
  /** `group`: it only stands for those it depends on. */
  readonly action: "run" | "skip" | "group";
  /** What would be executed, and where; empty for a group. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly shared: boolean;
}

/** A task and all before it, each in its place; nothing of them is refused. @throws SKE-TASK-…, SKE-USAGE, SKE-CONFIG */
function prepare(set: TaskSet, name: string, args: readonly string[], env: Readonly<NodeJS.ProcessEnv>) {
  const order = orderOf(name, set.tasks);
  for (const task of order) if (task.problem) throw invalidTask(task, task.problem.reason, task.problem.hint);
  if (args.length > 0 && order.at(-1)?.command === undefined) {
    throw new SkerryError("SKE-USAGE", `${name} takes no arguments: it only stands for the tasks that it depends on`, {
      hint: `run one of them: ${order.at(-1)?.dependsOn.join(", ")}`,
    });
  }
  const last = order.at(-1)?.command;
  if (args.length > 0 && last?.kind === "shell" && last.args === "none") {
    throw new SkerryError("SKE-USAGE", `${name} takes no arguments: it doesn't end in a simple command`, {
      hint: `write it for Skerry, in skerry.toml: [tasks.${name}], with shell = true, and "$@" where they belong`,
    });
  }
  const argsOf = (task: Task) => (task.name === name ? args : []);
  return order.map((task) => ({ ...task, args: argsOf(task), place: placeOf(task, set, env) }));
}

type Prepared = ReturnType<typeof prepare>[number];

/** What tasks are taken from, and the variables that they build on. */
export interface TaskCaller {
  readonly located: Located;
  readonly env: Variables;
}

/** What {@link runTask} would do now. What is skipped depends on files that an earlier task may change. */
export async function planTask(
  skerry: Manager,
  { located, env }: TaskCaller,
  name: string,
  options: RunTaskOptions = {},
): Promise<PlannedTask[]> {
  const { args = [], force = false, signal } = options;
  const planned: PlannedTask[] = [];
  for (const task of prepare(collectTasks(located, env), name, args, env)) {
    const { command, place, shared } = task;
    const memory = new Memory(skerry.home, place, task, task.args);
    const before = force ? undefined : await memory.before(signal);
    const unchanged = before !== undefined && (await memory.isUnchanged(before, signal));
    planned.push({
      name: task.name,
      action: command === undefined ? "group" : unchanged ? "skip" : "run",
      argv: command === undefined ? [] : argvOf(task.name, command, task.args),
      cwd: place.cwd,
      shared,
    });
  }
  return planned;
}

/** Runs a task behind all that it depends on. See {@link Tasks.run}. */
export async function runTask(
  skerry: Manager,
  { located, env }: TaskCaller,
  name: string,
  options: RunTaskOptions,
): Promise<TaskOutcome[]> {
  const { args = [], jobs = availableParallelism() } = options;
  const op = skerry.operation(options);
  const set = collectTasks(located, env);
  const order = prepare(set, name, args, env);
  // What it reads besides is the configuration: that, too, may run and redirect.
  const { values: config } = await skerry.config.load();
  if (order.some(({ source }) => source === "pixi" || source === "scripts" || source === "infrastructure")) {
    await skerry.config.trust.require(set.request);
  }
  for (const note of new Set(order.map(({ place }) => place.note))) if (note) op.tell({ kind: "note", text: note });
  const outcomes = new Map<string, TaskOutcome>();
  const alone = order.filter(({ command }) => command !== undefined).length === 1;
  await using starter = new Starter(skerry, env);
  await inOrder(order, { jobs, signal: op.signal }, async (task, signal) => {
    const timeoutMs = task.timeoutMs ?? config.timeout;
    const runner = new Runner({ skerry, starter, env, options, alone, timeoutMs, op: { ...op, signal } });
    const outcome = await runner.run(task);
    outcomes.set(task.name, outcome);
    op.tell({ kind: "task.ended", outcome });
    return outcome.outcome === "succeeded" || outcome.outcome === "unchanged";
  });
  throwIfStopped(op);
  return order.map(({ name: one }) => outcomes.get(one) ?? { name: one, outcome: "not-run", exit: null });
}

/** What a task is run with. */
interface RunnerInit {
  readonly skerry: Manager;
  readonly starter: Starter;
  /** The caller's variables. */
  readonly env: TaskCaller["env"];
  readonly options: RunTaskOptions;
  /** Whether it has this process's own streams. */
  readonly alone: boolean;
  readonly timeoutMs: number;
  /** Stopped when another task fails. */
  readonly op: Operation;
}

/** Runs one task. */
class Runner {
  readonly #init: RunnerInit;

  constructor(init: RunnerInit) {
    this.#init = init;
  }

  async run(task: Prepared): Promise<TaskOutcome> {
    const { skerry, options, op } = this.#init;
    const { name, command, place } = task;
    if (command === undefined) return { name, outcome: "succeeded", exit: null };
    using _lease = place.lease === undefined ? undefined : await this.#wait(name, place.lease);
    const note = place.lease === undefined ? undefined : new RunningNote(skerry.home, place.lease);
    await note?.settle((pid) => this.#tell(`${name} waits for process ${pid}, which was left running it`), op.signal);
    const memory = new Memory(skerry.home, place, task, task.args);
    const before = await memory.before(op.signal);
    if (before !== undefined && !options.force && (await memory.isUnchanged(before, op.signal))) {
      return { name, outcome: "unchanged", exit: null };
    }
    if (memory.isKept) memory.forget();
    const exit = await this.#execute({ ...task, command }, place, note);
    if (exit.exitCode !== 0) return { name, outcome: op.signal.aborted ? "stopped" : "failed", exit };
    if (before !== undefined) await memory.keep(before);
    return { name, outcome: "succeeded", exit };
  }

  /** Waits as long as it takes: whoever is before this one may have much to do. */
  #wait(name: string, lease: string) {
    const { skerry, op } = this.#init;
    return acquireLease(statePaths(skerry.home), lease, {
      mode: "exclusive",
      timeoutMs: Number.POSITIVE_INFINITY,
      // Told once, by the note.
      op: operation({ signal: op.signal }),
      onWait: ({ pid }) => this.#tell(`${name} waits for process ${pid}, which runs it`),
    });
  }

  #tell(text: string): void {
    this.#init.op.tell({ kind: "note", text });
  }

  async #execute(
    task: Prepared & { readonly command: TaskCommand },
    place: TaskPlace,
    note: RunningNote | undefined,
  ): Promise<ExitResult> {
    const { starter, env: caller, alone, op } = this.#init;
    const { name } = task;
    const env = { ...task.env, ...note?.begin(caller) };
    try {
      const process = await starter.start({ ...task, env, place }, this.#streams(name), op);
      if (process.ref.kind === "local") note?.started(process.ref);
      op.tell({ kind: "task.started", task: name, alone, process });
      return await process.exit;
    } finally {
      note?.clear();
    }
  }

  #streams(task: string): ProcessIo {
    const { options, alone, timeoutMs, op } = this.#init;
    const timeout = timeoutMs === 0 ? {} : { timeoutMs };
    const stdin = alone ? "inherit" : "ignore";
    if (options.capture) return { stdin, stdout: "capture", stderr: "capture", ...timeout };
    if (alone) return { stdin, stdout: "inherit", stderr: "inherit", ...timeout };
    return {
      stdin,
      stdout: "capture",
      stderr: "capture",
      captureLimit: 0,
      onLine: (line, stream) => op.tell({ kind: "line", task, line, stream }),
      ...timeout,
    };
  }
}
