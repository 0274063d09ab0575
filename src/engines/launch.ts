import { type Stats, statSync } from "node:fs";
import { resolve } from "node:path";
import type { LaunchRecipe } from "../core/engine.ts";
import type { Command, ExecPlan } from "../core/process.ts";
import { findProgram } from "../platform/which.ts";
import { scrub } from "../python/environment-variables.ts";

/**
 * What to execute for a command in a local environment: the caller's variables, scrubbed, then the recipe's, then the
 * command's own. Does no I/O but look the program up.
 * @throws SKE-COMMAND-NOT-FOUND
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
  const file = findProgram(command.argv[0], env.PATH, folder);
  return { file, argv: command.argv, env, cwd: folder };
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
