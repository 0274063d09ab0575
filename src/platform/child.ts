import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { isErrno, SkerryError } from "../core/error.ts";
import { exists, ioError } from "./files.ts";

/** How long pipes may stay open after a program has ended: something that it left running in the background holds them. */
const DRAIN_MS = 1000;

/** How a child ended; one of the two is null. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Settles when a child has ended and its pipes are read to the end, or a second after it; rejects when it can't start. */
export function childEnd(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, signal });
      }, DRAIN_MS);
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal });
    });
  });
}

/** The exit status as a shell has it: 128 + n when signal n ended the program. */
export function exitStatus({ code, signal }: ChildEnd): number {
  return signal === null ? (code ?? 0) : 128 + constants.signals[signal];
}

/**
 * The error for a command that can't be executed. `details.exec` is the exit status that shells give it: 127 when the
 * program, or what its first line names, doesn't exist, else 126.
 */
export function executeError(file: string, cwd: string, error: unknown): SkerryError {
  if (!exists(cwd)) return ioError(`start ${file} in`, cwd, error);
  if (!isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM", "ENOEXEC", "ELOOP", "EISDIR")) {
    return ioError("start", file, error);
  }
  const missing = error.code === "ENOENT" || error.code === "ENOTDIR";
  const [what, hint] =
    missing && exists(file)
      ? ["the interpreter that its first line names doesn't exist", `look at the first line of ${file}`]
      : missing
        ? ["there is no such program", "check the spelling, or install the package that brings it"]
        : error.code === "ENOEXEC"
          ? ["it isn't a program of this platform", `see what it is with: file ${file}`]
          : [error.message, `check its permissions: ls -l ${file}`];
  return new SkerryError("SKE-COMMAND-NOT-FOUND", `Could not execute ${file}: ${what}`, {
    hint,
    details: { program: file, errno: error.code, exec: missing ? 127 : 126 },
    cause: error,
  });
}
