import { accessSync, constants, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { SkerryError } from "../core/error.ts";

/** Stands for a PATH that is not set. */
export const USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";

/**
 * The absolute path of a program, as execvp(3) finds it: a name with a slash counts from `cwd`; any other is looked up
 * in the folders of `pathVariable`, where an empty part stands for `cwd`. Only executable regular files count.
 * @returns undefined when there is none
 */
export function which(program: string, pathVariable: string | undefined, cwd: string): string | undefined {
  if (program === "") return undefined;
  if (program.includes("/")) return isExecutable(resolve(cwd, program)) ? resolve(cwd, program) : undefined;
  for (const folder of (pathVariable ?? USUAL_PATH).split(":")) {
    const path = join(resolve(cwd, folder), program);
    if (isExecutable(path)) return path;
  }
  return undefined;
}

/** The folders of a PATH that say themselves where they are; the others, and empty ones, mean whatever folder one is in. */
export function absoluteFolders(pathVariable: string | undefined): string[] {
  return (pathVariable ?? "").split(":").filter((folder) => folder.startsWith("/"));
}

/**
 * The absolute path of a program that Skerry starts by itself, without having been told to run one of this name: that is
 * looked up in the absolute folders of PATH alone, so that no folder that one is in brings its own.
 * @returns undefined when there is none
 */
export function findTool(program: string, pathVariable: string | undefined): string | undefined {
  return absoluteFolders(pathVariable)
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

/**
 * The absolute path of a program that is about to be run.
 * @throws SKE-COMMAND-NOT-FOUND; its `details.exec` is 127, or 126 for a file that is there but can't be executed
 */
export function findProgram(program: string, pathVariable: string | undefined, cwd: string): string {
  const found = which(program, pathVariable, cwd);
  if (found !== undefined) return found;
  const isThere = program.includes("/") && statSync(resolve(cwd, program), { throwIfNoEntry: false }) !== undefined;
  const why = isThere ? "it is there, but can't be executed" : "no such command in the environment or on PATH";
  throw new SkerryError("SKE-COMMAND-NOT-FOUND", `Could not run ${program}: ${why}`, {
    hint: isThere
      ? "make it executable with chmod +x, or run it through its interpreter"
      : "install the package that brings it, or check the spelling",
    details: { command: program, exec: isThere ? 126 : 127 },
  });
}

/** True for a regular file that this process may execute. */
export function isExecutable(path: string): boolean {
  try {
    if (!statSync(path).isFile()) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
