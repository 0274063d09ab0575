// On the warm path of `run` and `exec`.
import type { Command } from "../../core/process.ts";
import { formatDuration } from "../../core/units.ts";
import { type WarmRequest, warmStart } from "../../environments/warm.ts";
import type { Environment } from "../../index.ts";
import { replaceProcess } from "../../platform/replace.ts";
import { namedDescriptors } from "../../processes/descriptors.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { isTerminal } from "../output/terminal.ts";

/** Where a command runs. */
export interface Target {
  /** What the warm path looks for; undefined: it isn't tried. */
  readonly warm: WarmRequest["environment"] | undefined;
  /** Opens or makes the environment, and says how the warm path finds it afterwards. */
  open(): Promise<{ readonly environment: Environment; readonly warm: WarmRequest["environment"] | undefined }>;
}

/** The target of verbs whose first operand is an environment. */
export function inEnvironment({ library, environment: name }: Invocation): Target {
  return {
    warm: { name },
    async open() {
      const environment = await (await library.open()).open(name);
      return { environment, warm: { name: environment.name } };
    },
  };
}

/** The command that `--env`, `--cwd` and the words after `--` make. */
export function commandOf(invocation: Invocation): Command {
  const cwd = invocation.text("cwd");
  return {
    argv: invocation.command,
    ...(cwd === undefined ? {} : { cwd }),
    env: invocation.pairs("env"),
  };
}

/**
 * Runs a command in an environment. Where nothing has to be done after it ends, it replaces this process: at once when
 * the environment is there and ready, else after it was made.
 * @returns the command's exit status, when this process outlives it
 */
export async function runIn(invocation: Invocation, target: Target): Promise<number> {
  const { output } = invocation;
  const command = commandOf(invocation);
  const timeout = invocation.duration("timeout");
  const passed = namedDescriptors(command.argv, { ...invocation.env, ...command.env });
  const replaces = timeout === undefined && !output.json && passed.length === 0;
  if (replaces && target.warm) await replaceWhenWarm(invocation, target.warm, command);
  const { environment, warm } = await target.open();
  if (replaces && warm) await replaceWhenWarm(invocation, warm, command);
  try {
    return await waitFor(invocation, environment, command, timeout);
  } finally {
    await leave(invocation, environment);
  }
}

/** Removes what was made for this command alone; the command's exit status counts, whatever comes of it. */
async function leave({ output }: Invocation, environment: Environment): Promise<void> {
  const { name, record } = environment;
  try {
    await environment[Symbol.asyncDispose]();
  } catch (error) {
    output.warn(
      `${name} could not be removed: ${error instanceof Error ? error.message : error}`,
      "the next command tries again",
    );
  }
  if (!record.failed) return;
  const word = record.cacheKey === null ? name : record.id;
  output.say(
    `kept ${name}, for its last command failed; look into it with: skerry shell ${word}; remove it with: skerry rm ${word}`,
  );
}

/** Replaces this process where the warm path can; else returns. */
export async function replaceWhenWarm(
  { library, output, env }: Invocation,
  environment: WarmRequest["environment"],
  command: Command,
): Promise<void> {
  const { cwd, home } = library;
  const plan = await warmStart({ command, environment, env, cwd, ...(home === undefined ? {} : { home }) });
  if (!plan) return;
  output.transient?.clear();
  replaceProcess(plan);
}

/** Runs a command to its end. @returns its exit status */
export async function waitFor(
  { library, output, interrupts }: Invocation,
  environment: Environment,
  command: Command,
  timeout: number | undefined,
): Promise<number> {
  const { argv, ...rest } = command;
  const timeoutMs = timeout ?? (await (await library.open()).config.safe()).values.timeout;
  output.transient?.clear();
  const streams = output.json ? "capture" : "inherit";
  const running = await environment.start(argv, {
    ...rest,
    stdin: "inherit",
    stdout: streams,
    stderr: streams,
    ...(timeoutMs === 0 ? {} : { timeoutMs }),
  });
  // Ctrl-C in a terminal reaches the command by itself.
  const restore = interrupts.divert((signal) => {
    if (signal !== "SIGINT" || !isTerminal(0))
      running.signal(signal).catch((error: unknown) => output.warn(String(error)));
  });
  const result = await running.exit.finally(restore);
  if (output.json) output.document({ ...result });
  else if (result.timedOut) output.error(`${argv[0]} took longer than ${formatDuration(timeoutMs)} and was stopped`);
  return result.exitCode;
}
