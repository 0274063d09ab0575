import type { CommandSpec } from "../grammar.ts";

/** Verbs for a project's tasks. */
export const TASKS: readonly CommandSpec[] = [
  {
    name: "task",
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
    exits: "run",
    run: () => import("../verbs/task.ts"),
  },
];
