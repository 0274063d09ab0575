import type { EngineContext, LaunchRecipe } from "../../core/engine.ts";
import { SkerryError } from "../../core/error.ts";
import type { Operation } from "../../core/operation.ts";
import type { EnvironmentSpec } from "../../core/spec.ts";
import { type PixiProgram, runPixi, toolEnv } from "./program.ts";
import type { PixiProject } from "./project.ts";

/** What entering the environment sets, as pixi told it once. */
export type PixiActivation = Pick<LaunchRecipe, "path" | "set">;

/**
 * Lets pixi activate the environment, with the scripts of its packages and of the manifest, and keeps what came of it, so
 * that a start needs no pixi. Secrets aren't there then: what a script makes of them would be kept. Format:
 * `pixi shell-hook --json`, `{"environment_variables": {NAME: VALUE}}`.
 * @throws SKE-TOOL for an answer that can't be read, and whatever pixi fails with
 */
export async function activate(
  pixi: PixiProgram,
  project: PixiProject,
  { env, secrets = [] }: { readonly env: EngineContext["env"]; readonly secrets: EnvironmentSpec["secrets"] },
  op: Operation,
): Promise<PixiActivation> {
  const without = <T>(values: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !secrets.includes(name)));
  const { stdout } = await runPixi(pixi, project, ["shell-hook", "--json"], { env: without(env), op });
  const { PATH = "", ...set } = await readAnswer(stdout, pixi);
  return { path: putBefore(PATH, toolEnv(env).PATH ?? ""), set: without(set) };
}

async function readAnswer(stdout: string, { path, version }: PixiProgram): Promise<Record<string, string>> {
  const { z } = await import("zod");
  const answer = z.looseObject({ environment_variables: z.record(z.string().min(1).max(4096), z.string()) });
  try {
    return answer.parse(JSON.parse(stdout.slice(stdout.indexOf("{")))).environment_variables;
  } catch (error) {
    throw new SkerryError("SKE-TOOL", `${path} (${version}) gave no usable answer to shell-hook --json`, {
      hint: "it takes pixi 0.21 or newer: pixi self-update",
      cause: error,
    });
  }
}

/** The folders that the environment puts before the caller's. */
function putBefore(path: string, callers: string): string[] {
  const rest = path.endsWith(`:${callers}`) ? path.slice(0, -callers.length - 1) : path;
  const known = new Set(rest === path ? callers.split(":") : []);
  return rest.split(":").filter((folder) => folder !== "" && !known.has(folder));
}
