import type { TaskTable } from "../config/task-keys.ts";
import { plainTask, type Task, type TaskSource } from "./task.ts";
import { splitWords } from "./words.ts";

/** The task that a table of Skerry's own configuration describes. */
export function taskOfTable(name: string, written: TaskTable, source: TaskSource, file: string): Task {
  const plain = plainTask(name, source, file);
  const table =
    typeof written === "string" || Array.isArray(written)
      ? { command: written as string | string[] }
      : (written as Exclude<TaskTable, string | readonly string[]>);
  const { command, problem } = commandOf(table.command, table.shell ?? false);
  return {
    ...plain,
    command,
    problem: problem ?? (command === undefined && !table["depends-on"]?.length ? NOTHING : undefined),
    description: table.description,
    dependsOn: table["depends-on"] ?? [],
    environment: table.environment,
    cwd: table.cwd ?? ".",
    env: table.env ?? {},
    inputs: table.inputs ?? [],
    outputs: table.outputs ?? [],
    shared: table.shared ?? false,
    timeoutMs: table.timeout,
  };
}

const NOTHING = { reason: "it has neither a command nor depends-on", hint: 'write for example command = ["pytest"]' };

/** What a `command` says; a text is split into words unless it is for a shell. */
export function commandOf(
  written: string | readonly string[] | undefined,
  shell: boolean,
): Pick<Task, "command" | "problem"> {
  const none = { command: undefined, problem: undefined };
  if (written === undefined) return none;
  if (typeof written === "string" && shell) return { ...none, command: { kind: "shell", script: written } };
  if (typeof written !== "string") {
    const problem = {
      reason: "a list of words is for no shell",
      hint: "write command as one text, or take shell = true out",
    };
    return { ...wordsOf(written), ...(shell ? { problem } : {}) };
  }
  const split = splitWords(written);
  if ("words" in split) return wordsOf(split.words);
  return {
    // Shown in lists as it stands; it is never run.
    command: { kind: "shell", script: written },
    problem: {
      reason: `its command has ${split.syntax}, which only a shell understands`,
      hint: "put quotes around what is meant as it stands, or add shell = true to run it with sh -c",
    },
  };
}

function wordsOf(words: readonly string[]): Pick<Task, "command" | "problem"> {
  const [program, ...rest] = words;
  if (program === undefined) return { command: undefined, problem: undefined };
  const problem = {
    reason: "its command begins with an empty word",
    hint: "write the program as the first word",
  };
  return { command: { kind: "words", argv: [program, ...rest] }, problem: program === "" ? problem : undefined };
}
