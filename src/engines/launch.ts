import { accessSync, constants, type Stats, statSync } from "node:fs";
import { resolve } from "node:path";
import type { LaunchRecipe } from "../core/engine.ts";
import type { Command, ExecPlan } from "../core/process.ts";
import { ioError } from "../platform/files.ts";
import { findProgram } from "../platform/which.ts";
import { scrub } from "../python/environment-variables.ts";

/**
 * What to execute for a command in a local environment: the caller's variables, scrubbed, then the recipe's, then the
 * command's own. Does no I/O but look the program and the folder up.
 * @throws SKE-COMMAND-NOT-FOUND, SKE-IO for the command's folder
 */
export function planLaunch(
  recipe: LaunchRecipe,
  command: Command,
  caller: Readonly<NodeJS.ProcessEnv>,
  cwd: string,
): ExecPlan {
  const env: Record<string, string> = { ...scrub(caller), ...recipe.set, ...command.env };
  env.PATH = [...recipe.path, command.env?.PATH ?? caller.PATH].filter(Boolean).join(":");
  const folder = command.cwd === undefined ? cwd : resolve(cwd, command.cwd);
  if (command.cwd !== undefined) checkFolder(folder);
  const file = findProgram(command.argv[0], env.PATH, folder);
  return { file, argv: command.argv, env, cwd: folder };
}

function checkFolder(folder: string): void {
  try {
    accessSync(`${folder}/.`, constants.X_OK);
  } catch (error) {
    throw ioError("enter", folder, error);
  }
}

/** The first witness that isn't as it was, or undefined when all are. */
export function missingWitness(recipe: LaunchRecipe): string | undefined {
  for (const { path, size, mtimeMs } of recipe.witnesses) {
    const stat: Stats | undefined = statSync(path, { throwIfNoEntry: false });
    if (!stat || (size !== undefined && stat.size !== size) || (mtimeMs !== undefined && stat.mtimeMs !== mtimeMs))
      return path;
  }
  return undefined;
}
