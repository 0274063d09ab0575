import { resolve } from "node:path";
import type { FlagValues } from "../../config/load.ts";
import { configDigest, type Located, mentions, variableFor } from "../../config/locate.ts";
import { digest } from "../../core/json.ts";
import { EMPTY_REQUIREMENTS } from "../../core/spec.ts";
import { settingsDigest } from "../../packages/settings-digest.ts";
import { readWhole } from "../../platform/files.ts";
import { pyenvDefault } from "../../python/candidates.ts";
import { projectFileKind, splitFiles } from "../../python/project-files.ts";
import { requirementInputs } from "../../python/requirement/inputs.ts";
import { readVersionFiles } from "../../python/version-files.ts";
import { managedPointers } from "../here.ts";
import type { SpecOptions } from "../request.ts";

/** Counted up when what a key stands for changes. */
const FORMAT = 1;

/**
 * The key under which a `run --with` finds its environment again without resolving anything: a digest of all that bears
 * on which environment it is. On the warm path: parses no configuration and starts no process.
 * @param flags keys of the configuration that are set for this process alone
 * @returns undefined for requests whose meaning may change at any time, such as a project folder, and for those that
 * aren't to answer others, such as offline ones
 */
export function requestKey(
  options: SpecOptions,
  located: Located,
  env: Readonly<NodeJS.ProcessEnv>,
  { flags = {}, hooks }: { readonly flags?: FlagValues; readonly hooks?: string | undefined } = {},
): string | undefined {
  const { requirements = [], files: _, constraints = [], editables = [], ...rest } = options;
  if (editables.length > 0) return undefined;
  const { index_url, extra_index_urls, find_links, ...others } = flags;
  if (Object.values(others).some((value) => value !== undefined)) return undefined;
  const sources = [index_url, extra_index_urls, find_links];
  // Files that the configuration names aren't part of its digest.
  if (mentions(located, "requirements_files") || variableFor(located, "requirements_files") !== undefined)
    return undefined;
  const { project, plain } = splitFiles(options, located.cwd);
  const projectFiles = project.map((file) => projectDigest(resolve(located.cwd, file)));
  if (projectFiles.includes(undefined)) return undefined;
  const inputs = requirementInputs(
    { ...EMPTY_REQUIREMENTS, requirements, files: plain, constraints },
    located.cwd,
    env,
  );
  if (inputs.volatile) return undefined;
  // A path means another interpreter in another folder.
  const python = rest.python && /\/|^\.\.?$/.test(rest.python) ? resolve(located.cwd, rest.python) : rest.python;
  return digest({
    format: FORMAT,
    rest: { ...rest, python },
    inputs: inputs.digest,
    projectFiles,
    config: configDigest(located),
    settings: settingsDigest(env, { cwd: located.cwd }),
    hooks,
    // Relative paths count from the working folder.
    sources: sources.some((value) => value !== undefined) ? [...sources, located.cwd] : undefined,
    // Who asks for nothing means the environment of a project that manages it, in one.
    project: asksForNothing(options) ? managedPointers(located.cwd, env) : undefined,
    // A path or an exact request names the interpreter; else these say which one is the default.
    python: [
      env.PATH,
      pyenvDefault(env),
      env.PYENV_ROOT,
      env.HOME,
      options.python === undefined ? readVersionFiles(located.cwd, env).map(({ text }) => text) : undefined,
    ],
  });
}

/** Whether a request says nothing of Python, packages and secrets. */
export function asksForNothing(options: SpecOptions): boolean {
  const { python, requirements, files, editables, groups, extras, secrets } = options;
  return (
    python === undefined && [requirements, files, editables, groups, extras, secrets].every((list) => !list?.length)
  );
}

/** The digest of a project or lock file; undefined for what leads on to files that aren't looked at here. */
function projectDigest(path: string): string | undefined {
  try {
    const texts = [readWhole(path).toString("utf8")];
    if (projectFileKind(path) === "uv-lock") texts.push(readWhole(resolve(path, "../pyproject.toml")).toString("utf8"));
    return texts.some((text) => /\b(path|editable|directory)\s*=|file:/.test(text)) ? undefined : digest(texts);
  } catch {
    // The ordinary path says what is wrong with it.
    return undefined;
  }
}
