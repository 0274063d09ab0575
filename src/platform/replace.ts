import type { ExecPlan } from "../core/process.ts";
import { asScript, executeError } from "./execute-error.ts";
import { ioError } from "./files.ts";
import { releaseAllLeases } from "./lease.ts";

/**
 * Replaces the program of this process by the planned one: same pid, same descriptors. Nothing may have been written
 * to standard output or error but through stdio.ts: an asynchronous write leaves a pipe non-blocking, and the program
 * would lose what doesn't fit into it. Leases are given back. A script without a `#!` line is run by /bin/sh, as
 * execvp(3) does.
 * @throws SKE-COMMAND-NOT-FOUND with the exit status in `details.exec`, SKE-IO for the working folder
 */
export function replaceProcess(plan: ExecPlan): never {
  try {
    process.chdir(plan.cwd);
  } catch (error) {
    throw ioError("enter", plan.cwd, error);
  }
  releaseAllLeases();
  // JavaScript runtimes ignore these two, and an ignored signal stays ignored over execve; a handled one becomes default.
  process.on("SIGPIPE", nothing);
  process.on("SIGXFSZ", nothing);
  try {
    execute(plan.file, plan.argv, plan.env);
  } catch (error) {
    const script = asScript(plan, error);
    if (!script) throw executeError(plan.file, plan.cwd, error);
    execute(script.file, script.argv, script.env);
  } finally {
    process.off("SIGPIPE", nothing);
    process.off("SIGXFSZ", nothing);
  }
}

function nothing(): void {}

function execute(file: string, argv: readonly string[], env: Readonly<Record<string, string>>): never {
  // Where execve fails, the runtime's warning that it is experimental would follow, a tick later.
  const listeners = process.listeners("warning");
  process.removeAllListeners("warning");
  try {
    return process.execve!(file, argv, env) as never;
  } finally {
    setImmediate(() => {
      for (const listener of listeners) process.on("warning", listener);
    });
  }
}
