import { closeSync, openSync, readSync } from "node:fs";
import { isErrno, SkerryError } from "../core/error.ts";
import type { ExecPlan } from "../core/process.ts";
import { exists, ioError } from "./files.ts";

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

/**
 * How a script without a `#!` line is run, as execvp(3) does, after the kernel would not take it for a program: by
 * /bin/sh. POSIX lets a shell take a file that begins like text for a script.
 * @returns undefined for another error, and for a file that is no text
 */
export function asScript(plan: ExecPlan, error: unknown): ExecPlan | undefined {
  if (!isErrno(error, "ENOEXEC") || !isText(plan.file)) return undefined;
  return { ...plan, file: "/bin/sh", argv: ["sh", plan.file, ...plan.argv.slice(1)] };
}

function isText(file: string): boolean {
  const start = Buffer.alloc(256);
  let fd: number | undefined;
  try {
    fd = openSync(file, "r");
    return !start.subarray(0, readSync(fd, start)).includes(0);
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
