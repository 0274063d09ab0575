import { SkerryError } from "../core/error.ts";
import { nearest } from "../core/near.ts";
import { quoted } from "../core/text.ts";

/** What the order is made of. */
export interface Node {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/**
 * A task and all that it depends on, each once, behind everything that it depends on itself; else in the order in which
 * dependencies are written.
 * @throws SKE-TASK-NOT-FOUND with a near name, SKE-TASK-CYCLE with the cycle
 */
export function orderOf<T extends Node>(name: string, tasks: ReadonlyMap<string, T>): T[] {
  const order = new Map<string, T>();
  const path: string[] = [];
  // A stack of its own: a chain may be as long as a file allows.
  const stack: { readonly task: T; next: number }[] = [];
  const enter = (wanted: string, from: string | undefined): void => {
    if (order.has(wanted)) return;
    const at = path.indexOf(wanted);
    if (at >= 0) throw cycle([...path.slice(at), wanted]);
    const task = tasks.get(wanted);
    if (!task) throw notFound(wanted, from, tasks);
    path.push(wanted);
    stack.push({ task, next: 0 });
  };
  enter(name, undefined);
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const dependency = top.task.dependsOn[top.next++];
    if (dependency !== undefined) enter(dependency, top.task.name);
    else {
      order.set(top.task.name, top.task);
      stack.pop();
      path.pop();
    }
  }
  return [...order.values()];
}

function cycle(names: readonly string[]): SkerryError {
  return new SkerryError("SKE-TASK-CYCLE", `Tasks depend on each other in a circle: ${names.join(" → ")}`, {
    hint: "take one of these out of the depends-on of the one before it",
    details: { cycle: names },
  });
}

function notFound(name: string, from: string | undefined, tasks: ReadonlyMap<string, Node>): SkerryError {
  const near = nearest(name, tasks.keys());
  const what =
    from === undefined
      ? `There is no task ${quoted(name)}`
      : `The task ${from} depends on ${quoted(name)}, which is no task`;
  return new SkerryError("SKE-TASK-NOT-FOUND", what, {
    hint: near ? `did you mean ${near}?` : "skerry task lists the tasks",
    details: { name: name.slice(0, 80), ...(near ? { near } : {}) },
  });
}

/** How to go through an order. */
export interface Pace {
  /** How many at once, 1 or more. */
  readonly jobs: number;
  readonly signal: AbortSignal;
}

/**
 * Does the work of each task once all that it depends on is done, as many at once as may be. When one fails, by `false`
 * or an error, nothing more is begun, the signal of those that run is aborted, and their end is waited for.
 * @throws what the work of a task threw first
 */
export async function inOrder<T extends Node>(
  order: readonly T[],
  { jobs, signal }: Pace,
  work: (task: T, signal: AbortSignal) => Promise<boolean>,
): Promise<void> {
  const controller = new AbortController();
  const joined = AbortSignal.any([signal, controller.signal]);
  const waiting = new Set(order);
  const done = new Set<string>();
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const begin = (task: T): void => {
    waiting.delete(task);
    const one: Promise<void> = work(task, joined)
      .then(
        (ok) => {
          if (ok) done.add(task.name);
          else controller.abort(anotherFailed());
        },
        (error: unknown) => {
          // What is stopped for another's failure may tell it as an error.
          if (!controller.signal.aborted) failure = { error };
          controller.abort(anotherFailed());
        },
      )
      .finally(() => running.delete(one));
    running.add(one);
  };
  for (;;) {
    for (const task of waiting) {
      if (joined.aborted || running.size >= jobs) break;
      if (task.dependsOn.every((name) => done.has(name))) begin(task);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  if (failure) throw failure.error;
}

function anotherFailed(): SkerryError {
  return new SkerryError("SKE-INTERRUPTED", "Stopped, for another task failed");
}
