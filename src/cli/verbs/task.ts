import { relative } from "node:path";
import { SkerryError } from "../../core/error.ts";
import { formatDuration } from "../../core/units.ts";
import type { OperationEvent, TaskOutcome, Tasks } from "../../index.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { isTerminal } from "../output/terminal.ts";
import type { Verb } from "../verb.ts";

/** `skerry task [NAME] [options] [-- ARGUMENT…]` */
export default {
  summary: "Run a task of the project, behind those it depends on, or list the tasks",
  description:
    "Tasks are those of skerry.toml, of [tool.skerry.tasks] and [project.scripts] in pyproject.toml, of pixi, and what the repository's shared infrastructure gives. What has inputs or outputs and is unchanged since it last succeeded is skipped. A project's own tasks run once the project is trusted.",
  operands: [{ name: "NAME", description: "The task; absent: list them", optional: true, complete: "task" }],
  passthrough: "arguments",
  options: {
    "dry-run": { type: "boolean", description: "Only tell what would run, in order, and what would be skipped" },
    force: { type: "boolean", description: "Run also what is unchanged" },
    jobs: { type: "string", value: "NUMBER", description: "How many at once; unset: the number of processors" },
  },
  examples: [
    ["skerry task", "List the tasks, and where each comes from"],
    ["skerry task test", "Run one, behind those it depends on"],
    ["skerry task test -- -x tests/unit", "And give it arguments"],
    ["skerry task build --dry-run", "Tell what would run and what is unchanged"],
    ["skerry task docker-status", "Show the shared containers, from any worktree"],
  ],
  passesOn: true,
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { library, operands, command } = invocation;
  const [name] = operands;
  const jobs = invocation.count("jobs");
  if (jobs === 0) throw new SkerryError("SKE-USAGE", "--jobs is 1 or more", { hint: "for example --jobs 4" });
  if (name === undefined && (command.length > 0 || jobs !== undefined || given(invocation))) {
    throw new SkerryError("SKE-USAGE", "No task was named", { hint: "skerry task lists them" });
  }
  const { tasks } = await library.open();
  if (name === undefined) return list(invocation, tasks);
  if (invocation.flag("dry-run")) return plan(invocation, tasks, name);
  return perform(invocation, tasks, name, jobs);
}

function given(invocation: Invocation): boolean {
  return invocation.flag("dry-run") || invocation.flag("force");
}

async function list({ output, library }: Invocation, tasks: Tasks): Promise<number> {
  const { describeCommand } = await import("../../index.ts");
  const all = await tasks.list();
  output.result({ tasks: all }, () => {
    if (all.length === 0) output.say("this project has no tasks; skerry.toml may have some below [tasks]");
    output.table(
      ["TASK", "FROM", ""],
      all.map(({ name, source, file, description, command, dependsOn }) => [
        name,
        source === "user" ? file : relative(library.cwd, file),
        description ?? (command === undefined ? dependsOn.join(", ") : describeCommand(command)),
      ]),
    );
  });
  return 0;
}

async function plan(invocation: Invocation, tasks: Tasks, name: string): Promise<number> {
  const { output, library, command, signal } = invocation;
  const planned = await tasks.plan(name, { args: command, force: invocation.flag("force"), signal });
  const { describeCommand } = await import("../../index.ts");
  const words = { run: "run", skip: "unchanged", group: "" } as const;
  output.result({ tasks: planned }, () =>
    output.table(
      ["TASK", "", "IN", "COMMAND"],
      planned.map(({ name: one, action, argv, cwd }) => [
        one,
        words[action],
        action === "group" ? "" : relative(library.cwd, cwd) || ".",
        action === "group" ? "" : describeCommand({ kind: "words", argv: argv as [string, ...string[]] }),
      ]),
    ),
  );
  return 0;
}

async function perform(invocation: Invocation, tasks: Tasks, name: string, jobs: number | undefined): Promise<number> {
  const { output, command, signal } = invocation;
  const outcomes = await tasks.run(name, {
    args: command,
    force: invocation.flag("force"),
    jobs,
    capture: output.json,
    onEvent: (event) => tell(invocation, event),
    signal,
  });
  output.result({ tasks: outcomes }, () => {});
  return outcomes.find(({ outcome }) => outcome === "failed")?.exit?.exitCode ?? 0;
}

function tell({ output, library, interrupts, signal }: Invocation, event: OperationEvent): void {
  switch (event.kind) {
    case "task.started": {
      output.transient?.clear();
      if (!event.alone || !isTerminal(0)) break;
      // Ctrl-C in a terminal reaches the command by itself, which may have its own use for it.
      let isStopping = false;
      const restore = interrupts.divert((name) => {
        if (name === "SIGINT") return;
        void event.process.stop(isStopping ? { graceMs: 0 } : {});
        isStopping = true;
      });
      void event.process.exit.finally(restore);
      break;
    }
    case "task.ended":
      // Whoever has stopped them all knows.
      if (!output.json && !(event.outcome.outcome === "stopped" && signal.aborted)) tellEnd(output, event.outcome);
      break;
    default:
      library.tell(event);
  }
}

function tellEnd(output: Invocation["output"], { name, outcome, exit }: TaskOutcome): void {
  if (outcome === "unchanged") output.say(`${name} is unchanged since it last succeeded; --force runs it`);
  if (outcome === "stopped") output.say(`${name} was stopped, for another task failed`);
  if (outcome !== "failed" || exit === null) return;
  const took = formatDuration(exit.durationMs);
  output.error(exit.timedOut ? `${name} took longer than ${took} and was stopped` : `${name} failed: ${exit.exitCode}`);
}
