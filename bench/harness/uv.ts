import { join } from "node:path";
import { findProgram } from "../../src/index.ts";
import { command, type Surroundings } from "./measure.ts";

/** The peer of most comparisons. */
export interface Uv {
  readonly path: string;
  readonly version: string;
}

/** uv from PATH, else installed into `folder` from the package index with the interpreter's pip. */
export function findUv(python: string, folder: string, surroundings: Surroundings): Uv {
  const path = onPath(surroundings) ?? install(python, folder, surroundings);
  return { path, version: /\d+\.\d+\.\d+/.exec(command([path, "--version"], surroundings))?.[0] ?? "?" };
}

function onPath({ cwd, env }: Surroundings): string | undefined {
  try {
    return findProgram("uv", env.PATH ?? "", cwd);
  } catch {
    return undefined;
  }
}

function install(python: string, folder: string, surroundings: Surroundings): string {
  const pip = [python, "-m", "pip", "--no-input", "--disable-pip-version-check", "install", "--quiet"];
  command([...pip, "--only-binary=:all:", "--target", folder, "uv"], surroundings);
  return join(folder, "bin", "uv");
}
