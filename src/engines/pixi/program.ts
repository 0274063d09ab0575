import { statSync } from "node:fs";
import type { EngineContext } from "../../core/engine.ts";
import { SkerryError } from "../../core/error.ts";
import type { Operation } from "../../core/operation.ts";
import type { ToolResult } from "../../core/target.ts";
import { fileTime } from "../../platform/file-time.ts";
import { userHomeFolder } from "../../platform/paths.ts";
import { findTool, isExecutable } from "../../platform/which.ts";
import { lastLines, runTool } from "../../processes/run-tool.ts";
import { scrub } from "../../python/environment-variables.ts";
import { DEFAULT_ENVIRONMENT, type PixiProject } from "./project.ts";

/** The pixi of this machine. */
export interface PixiProgram {
  /** Absolute. */
  readonly path: string;
  readonly version: string;
}

/** How to get pixi, for hints. */
export const GET_PIXI =
  "install pixi (https://pixi.sh); without it, --engine virtualenv serves where all packages are on PyPI";

const VERSION_TIMEOUT_MS = 20_000;

/** What an activated shell says of a project: pixi would take that for the one that is meant. */
const OF_ANOTHER_PROJECT = /^PIXI_(PROJECT|ENVIRONMENT|WORKSPACE)_|^PIXI_(IN_SHELL|PROMPT|EXE|FROZEN|LOCKED)$/;

/** Before 0.21, pixi may hang while it resolves, the more often the busier the machine is, so it is soon asked again. */
const HANGING = /^0\.(\d|1\d|20)\./;
const PATIENCE_MS = { hanging: [10_000, 10_000, 600_000], sound: [1_800_000, 1_800_000] };

/** Where the program is: on PATH, else where its installer puts it. Undefined: nowhere. */
export function pixiPath(env: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const home = env.PIXI_HOME || `${userHomeFolder(env)}/.pixi`;
  const own = `${home}/bin/pixi`;
  return findTool("pixi", env.PATH) ?? (home.startsWith("/") && isExecutable(own) ? own : undefined);
}

/**
 * The pixi of this machine.
 * @throws SKE-ENGINE-UNAVAILABLE where there is none, or something else of this name
 */
export async function findPixi(context: EngineContext, op: Operation): Promise<PixiProgram> {
  const { env } = context;
  const path = pixiPath(env);
  if (path === undefined) throw unavailable("there is no pixi on PATH");
  const stat = statSync(path);
  const key = `${path} ${stat.size} ${fileTime(stat)}`;
  const known = context.cache.get("pixi", key)?.value;
  if (typeof known === "string") return { path, version: known };
  const request = { op, timeoutMs: VERSION_TIMEOUT_MS, cwd: "/", env: toolEnv(env) };
  const { stdout } = await runTool([path, "--version"], request);
  const version = /^pixi (\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
  if (version === undefined) throw unavailable(`${path} is another program of this name`);
  context.cache.put("pixi", key, version);
  return { path, version };
}

function unavailable(reason: string): SkerryError {
  return new SkerryError("SKE-ENGINE-UNAVAILABLE", `The engine pixi can't work: ${reason}`, { hint: GET_PIXI });
}

/** The variables that pixi is given: the caller's, but those that lead it to another project. */
export function toolEnv(env: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  const kept = Object.entries(scrub(env)).filter(([name]) => !OF_ANOTHER_PROJECT.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: "1", PIXI_COLOR: "never" };
}

/**
 * Runs pixi on an environment of a project. One that takes too long is ended and asked again.
 * @returns what it printed
 * @throws SKE-TOOL with its last lines, SKE-TIMEOUT, SKE-INTERRUPTED
 */
export async function runPixi(
  pixi: PixiProgram,
  project: PixiProject,
  [verb, ...options]: readonly [string, ...string[]],
  { env, op }: { readonly env: Readonly<NodeJS.ProcessEnv>; readonly op: Operation },
): Promise<ToolResult> {
  const { root, manifest, environment } = project;
  // Old ones don't know the default environment by its name where the manifest names others.
  const which = environment === DEFAULT_ENVIRONMENT ? [] : ["--environment", environment];
  const argv = [pixi.path, verb, ...options, "--manifest-path", manifest, ...which] as const;
  const patience = HANGING.test(pixi.version) ? PATIENCE_MS.hanging : PATIENCE_MS.sound;
  const result = await patiently(patience, (timeoutMs) =>
    runTool(argv, { op, cwd: root, env: toolEnv(env), timeoutMs }),
  );
  if (result.exitCode === 0) return result;
  const said = lastLines(`${result.stdout}\n${result.stderr}`);
  throw new SkerryError("SKE-TOOL", `pixi ${verb} failed for ${manifest}; its last lines:\n${said}`, {
    hint: `to see all of it: pixi ${verb} --manifest-path ${manifest}${which.map((word) => ` ${word}`).join("")}`,
    details: { argv, exitCode: result.exitCode },
  });
}

/** Tries as long as each time says, one after the other. @throws what the last one fails with, or any with something else */
async function patiently<T>(
  [first, ...more]: readonly number[],
  attempt: (timeoutMs: number) => Promise<T>,
): Promise<T> {
  try {
    return await attempt(first!);
  } catch (error) {
    if (!(error instanceof SkerryError) || error.code !== "SKE-TIMEOUT" || more.length === 0) throw error;
    return patiently(more, attempt);
  }
}
