import { z } from "zod";
import type { TaskFile } from "../config/task-files.ts";
import { TASK_NAME } from "../config/task-keys.ts";
import { staysInside } from "../config/value-types.ts";
import { SkerryError } from "../core/error.ts";
import { commandOf } from "./from-configuration.ts";
import { endsInSimpleCommand } from "./last-command.ts";
import { plainTask, type Task } from "./task.ts";

const text = z.string().max(64 * 1024);
const texts = z.array(text).max(1000);
const dependency = z.union([text, z.looseObject({ task: text })]);
const dependencies = z.union([dependency, z.array(dependency).max(1000)]);

/** A task of pixi (https://pixi.sh/latest/workspace/advanced_tasks/); keys that aren't here make no difference to Skerry. */
const PIXI_TASK = z.looseObject({
  cmd: z.union([text, texts]).optional(),
  "depends-on": dependencies.optional(),
  depends_on: dependencies.optional(),
  cwd: text.optional(),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), text).optional(),
  inputs: texts.optional(),
  outputs: texts.optional(),
  description: text.optional(),
  args: z.array(z.unknown()).optional(),
  "clean-env": z.boolean().optional(),
  "default-environment": text.optional(),
});
type PixiTask = z.output<typeof PIXI_TASK>;

/** A text is a command; a list alone is an alias for the tasks in it. */
const PIXI_TASKS = z.record(z.string(), z.union([text, z.array(dependency).max(1000), PIXI_TASK]));

/** The tasks of pixi's tables. @throws SKE-CONFIG */
export function pixiTasks(file: TaskFile): Task[] {
  const read = PIXI_TASKS.safeParse(file.value);
  if (!read.success) throw refuse(file, read.error.issues[0]!);
  return Object.entries(read.data).map(([name, written]) => {
    const table =
      typeof written === "string" ? { cmd: written } : Array.isArray(written) ? { "depends-on": written } : written;
    return pixiTask(checkedName(file, name), table, file.path);
  });
}

function pixiTask(name: string, table: PixiTask, path: string): Task {
  const asked = [table["depends-on"] ?? table.depends_on ?? []].flat();
  const [inputs, outputs] = [table.inputs ?? [], table.outputs ?? []];
  const { cwd = "." } = table;
  const { command, problem: unusable } = pixiCommand(table.cmd);
  const plain = plainTask(name, "pixi", path);
  const reason = strangeness(table);
  const hint = `run it by pixi: pixi run ${name}; or write it for Skerry, in skerry.toml: [tasks.${name}]`;
  const problem = reason === undefined ? unusable : { reason, hint };
  return {
    ...plain,
    command,
    description: table.description,
    dependsOn: asked.map((one) => (typeof one === "string" ? one : one.task)),
    cwd,
    env: table.env ?? {},
    inputs,
    outputs,
    problem,
  };
}

/** Why only pixi can run a task as it is meant; undefined: Skerry can. */
function strangeness(table: PixiTask): string | undefined {
  const { cwd = ".", inputs = [], outputs = [], env = {}, "default-environment": environment = "default" } = table;
  const outside = [cwd, ...inputs, ...outputs].find((one) => !staysInside(one.replace(/^!/, "")));
  if (outside !== undefined) return `${outside} lies outside of the project`;
  if (table["clean-env"]) return "it gets none of the caller's variables (clean-env)";
  if (environment !== "default") return `it runs in the environment ${environment} (default-environment)`;
  // pixi's shell fills in what these stand for.
  if (Object.values(env).some((value) => /[$`]/.test(value))) return "its env has values that a shell fills in";
  if (table.args !== undefined || String(table.cmd).includes("{{"))
    return "it has arguments in the form of pixi's templates";
  const before = [table["depends-on"] ?? table.depends_on ?? []].flat();
  if (before.some((one) => typeof one === "object" && ("args" in one || "environment" in one)))
    return "it gives arguments or an environment to a task that it depends on";
  return undefined;
}

/**
 * The tasks of pixi's features, which pixi runs itself, in the first environment that has the feature. What
 * {@link TaskFile} holds of them is made by Skerry. @throws SKE-CONFIG
 */
export function featureTasks(file: TaskFile): Task[] {
  return Object.entries(file.value).map(([name, value]) => {
    const { feature, environments, task } = value as { feature: string; environments: string[]; task: unknown };
    const [environment] = environments;
    const read = PIXI_TASK.safeParse(task);
    return {
      ...plainTask(checkedName(file, name), "pixi", file.path),
      description: read.data?.description,
      command: { kind: "words", argv: ["pixi", "run", "--environment", environment ?? "", name] },
      environment: false,
      problem:
        environment === undefined
          ? {
              reason: `no environment of the manifest has its feature ${feature}`,
              hint: `name one: [environments] ${feature} = ["${feature}"]`,
            }
          : undefined,
    };
  });
}

/** A text is for a shell in pixi, where it has anything that one is needed for; arguments go behind its last command. */
function pixiCommand(written: PixiTask["cmd"]): Pick<Task, "command" | "problem"> {
  const { command, problem } = commandOf(written, false);
  if (command?.kind !== "shell") return { command, problem };
  const end = command.script.trimEnd();
  // An escaped blank is a part of the last word.
  const script = end.endsWith("\\") ? command.script : end;
  const args = endsInSimpleCommand(script) ? "behind" : "none";
  return { command: { ...command, script, args }, problem: undefined };
}

/** The tasks of `[project.scripts]`: the installed program of that name. @throws SKE-CONFIG */
export function scriptTasks(file: TaskFile): Task[] {
  return Object.entries(file.value).map(([name, entry]) => ({
    ...plainTask(checkedName(file, name), "scripts", file.path),
    command: { kind: "words", argv: [name] },
    description: typeof entry === "string" ? entry : undefined,
  }));
}

function checkedName(file: TaskFile, name: string): string {
  if (TASK_NAME.test(name)) return name;
  throw refuse(file, { path: [name], message: "a task can't have this name" });
}

function refuse({ path, table }: TaskFile, issue: { readonly path: readonly PropertyKey[]; readonly message: string }) {
  const where = [table, ...issue.path].map(String).join(".");
  return new SkerryError("SKE-CONFIG", `${path}: ${where} can't be understood: ${issue.message}`, {
    hint: "correct it, or take it out",
    details: { file: path, key: where },
  });
}
