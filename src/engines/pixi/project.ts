import { realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import { SkerryError } from "../../core/error.ts";
import { nearest } from "../../core/near.ts";
import { tableOf } from "../../core/table.ts";
import type { Variables } from "../../core/variables.ts";
import { readProjectFile } from "../../project/files.ts";
import { foldersOfFiles } from "../../project/folders.ts";
import { PIXI_LIMIT, pixiManifestIn } from "../../project/kind.ts";

/** A pixi project and the one of its environments that is meant. Paths are absolute. */
export interface PixiProject {
  /** The folder of the manifest. */
  readonly root: string;
  /** `pixi.toml`, or a `pyproject.toml` with `[tool.pixi]`. */
  readonly manifest: string;
  /** Name of the environment in the manifest; `default` is always there. */
  readonly environment: string;
}

/** The environment that a project has without naming any. */
export const DEFAULT_ENVIRONMENT = "default";

/** Where pixi puts an environment of a project. */
export function prefixIn(root: string, environment: string): string {
  return `${root}/.pixi/envs/${environment}`;
}

/**
 * The project and environment that a prefix `…/.pixi/envs/NAME` says.
 * @throws SKE-PIXI-PROJECT for another prefix, and where there is no manifest
 */
export function projectOfPrefix(prefix: string): PixiProject {
  const environment = basename(prefix);
  const root = dirname(dirname(dirname(prefix)));
  if (prefixIn(root, environment) !== prefix || !/^[a-z\d][a-z\d-]*$/.test(environment)) {
    throw new SkerryError("SKE-PIXI-PROJECT", `pixi puts no environment in ${prefix}`, {
      hint: "its environments are .pixi/envs/NAME beside the pixi.toml: --prefix .pixi/envs/default",
      details: { prefix },
    });
  }
  const manifest = pixiManifestIn(root);
  if (manifest === undefined) throw noProject(root);
  return { root, manifest, environment };
}

/**
 * The nearest project of a folder and those above it that count for it: see {@link foldersOfFiles}.
 * @throws SKE-PIXI-PROJECT; SKE-CONFIG, SKE-CONFIG-UNTRUSTED for a manifest that {@link readProjectFile} refuses
 */
export function projectAbove(folder: string, env: Variables): PixiProject {
  const { folders, repositoryRoot } = foldersOfFiles(realpathSync(folder), env);
  for (const root of folders) {
    const manifest = pixiManifestIn(root);
    if (manifest === undefined) continue;
    readProjectFile(manifest, { limit: PIXI_LIMIT, root: repositoryRoot ?? root });
    return { root, manifest, environment: DEFAULT_ENVIRONMENT };
  }
  throw noProject(folder);
}

function noProject(folder: string): SkerryError {
  return new SkerryError("SKE-PIXI-PROJECT", `${folder} is no pixi project: it has no pixi.toml`, {
    hint: "pixi init makes one; without pixi, create the environment with --engine virtualenv",
    details: { folder },
  });
}

/**
 * Makes sure that the manifest can be read and has the environment.
 * @throws SKE-PIXI-PROJECT with the near name
 */
export async function checkEnvironment({ manifest, environment }: PixiProject): Promise<void> {
  const { readPixiManifest } = await import("../../project/pixi-manifest.ts");
  const { environments } = readPixiManifest(manifest);
  const names = [...new Set([DEFAULT_ENVIRONMENT, ...Object.keys(tableOf(environments))])];
  if (names.includes(environment)) return;
  const near = nearest(environment, names);
  throw new SkerryError("SKE-PIXI-PROJECT", `${manifest} has no environment ${environment}`, {
    hint: near ? `did you mean ${near}?` : `it has ${names.join(", ")}`,
    details: { manifest, environment },
  });
}
