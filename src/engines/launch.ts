import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import type { LaunchRecipe } from "../core/engine.ts";
import { SkerryError } from "../core/error.ts";
import { sha256 } from "../core/json.ts";
import type { Command, ExecPlan } from "../core/process.ts";
import type { Variables } from "../core/variables.ts";
import { fileTime, isSameTime } from "../platform/file-time.ts";
import { ioError, readIfExists } from "../platform/files.ts";
import { lookAt } from "../platform/look.ts";
import { claimTemporary } from "../platform/temporary.ts";
import { findProgram, which } from "../platform/which.ts";
import { scrub } from "../python/environment-variables.ts";

/**
 * What to execute for a command in a local environment: the caller's variables, scrubbed, then the recipe's, then the
 * command's own. Does no I/O but look the program and the folder up. A Python and its pip have to be the environment's, and every
 * secret has to be there.
 * @throws SKE-COMMAND-NOT-FOUND, SKE-SECRET-MISSING, SKE-IO for the command's folder
 */
export function planLaunch(recipe: LaunchRecipe, command: Command, caller: Variables, cwd: string): ExecPlan {
  const env: Record<string, string> = { ...scrub(caller), ...variablesOf(recipe), ...command.env };
  env.PATH = [...recipe.path, command.env?.PATH ?? caller.PATH].filter(Boolean).join(":");
  const missing = missingSecrets(recipe, env);
  if (missing.length > 0) throw missingError(recipe, command.argv[0], missing);
  const folder = command.cwd === undefined ? cwd : resolve(cwd, command.cwd);
  if (command.cwd !== undefined) checkFolder(folder);
  const own = recipe.path.join(":");
  if (OF_A_PYTHON.test(command.argv[0]) && which(command.argv[0], own, folder) === undefined)
    throw otherPythonError(command.argv[0]);
  const file = findProgram(command.argv[0], env.PATH, folder);
  return { file, argv: command.argv, env, cwd: folder };
}

/** The variables of a recipe, with a TMPDIR that is there: what machines clean up is made again. */
export function variablesOf({ set, temporary }: LaunchRecipe): LaunchRecipe["set"] {
  return temporary === undefined || claimTemporary(temporary.path) ? set : { ...set, TMPDIR: temporary.otherwise };
}

/** The secrets of a recipe that aren't among these variables, or are empty: what fills them in for others leaves that. */
export function missingSecrets({ secrets = [] }: LaunchRecipe, env: Variables): string[] {
  return secrets.filter((name) => !Object.hasOwn(env, name) || !env[name]);
}

/** What to type where secrets are missing: it shows them nowhere, and no shell keeps it. */
export function missingHint(missing: readonly string[]): string {
  const reads = missing.map((name) => `read -rs ${name}`).join("; ");
  return `in bash or zsh, type or paste each with: ${reads}; export ${missing.join(" ")}`;
}

/** Says which secrets an environment is without. */
export function missingNote(name: string, missing: readonly string[]): string {
  const [are, secrets] = missing.length === 1 ? ["is", "a secret"] : ["are", "secrets"];
  return `${missing.join(", ")} ${are} not set, but ${are} ${secrets} of ${name}`;
}

function missingError({ set }: LaunchRecipe, program: string, missing: readonly string[]): SkerryError {
  const what = `Could not run ${program}: ${missingNote(set.SKERRY_ENV!, missing)}`;
  return new SkerryError("SKE-SECRET-MISSING", what, { hint: missingHint(missing), details: { missing } });
}

/** Programs that are of one Python, whose name doesn't say of which. */
const OF_A_PYTHON = /^(python|pypy|pip)[\d.]*t?$/;

function otherPythonError(program: string): SkerryError {
  const what = `Could not run ${program}: the environment has none, and what PATH has is of another Python`;
  const hint = program.startsWith("pip")
    ? "packages are installed with skerry install, pip too: skerry install ENVIRONMENT pip, or skerry run --with pip"
    : "the environment's Python is called python; for another version, make another environment with --python";
  return new SkerryError("SKE-COMMAND-NOT-FOUND", what, { hint, details: { command: program, exec: 127 } });
}

function checkFolder(folder: string): void {
  try {
    accessSync(`${folder}/.`, constants.X_OK);
  } catch (error) {
    throw ioError("enter", folder, error);
  }
}

/** The first witness that isn't as it was, or file that says something else; undefined when all are as they were. */
export function missingWitness(recipe: LaunchRecipe): string | undefined {
  for (const { path, size, mtimeMs } of recipe.witnesses) {
    const now = stampOf(path);
    if (now.size === null || (size !== undefined && now.size !== size)) return path;
    if (mtimeMs !== undefined && !isSameTime(now.mtimeMs, mtimeMs)) return path;
  }
  return changedContent(recipe.contents);
}

/** The file, of those whose contents count, that is to blame that they don't say any more what they said. */
export function changedContent(contents: LaunchRecipe["contents"]): string | undefined {
  const touched = contents?.files.find(({ path, ...was }) => {
    const now = stampOf(path);
    return now.size !== was.size || (now.size !== null && !isSameTime(now.mtimeMs, was.mtimeMs ?? 0));
  });
  if (!contents || !touched || contentDigest(contents.files) === contents.digest) return undefined;
  return touched.path;
}

/** What `contents` of a recipe says of these files. Absent ones count as such. @throws SKE-IO */
export function contentsOf(paths: readonly string[]): NonNullable<LaunchRecipe["contents"]> {
  const files = paths.map(stampOf);
  return { files, digest: contentDigest(files) };
}

function contentDigest(files: readonly { readonly path: string }[]): string {
  return sha256(JSON.stringify(files.map(({ path }) => readIfExists(path) ?? null)));
}

function stampOf(path: string) {
  const stat = lookAt(path);
  return stat ? { path, size: stat.size, mtimeMs: fileTime(stat) } : { path, size: null, mtimeMs: null };
}
