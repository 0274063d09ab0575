import { isErrno, SkerryError } from "../core/error.ts";
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
