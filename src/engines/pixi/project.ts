import { realpathSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { nearest } from "../../core/near.ts";
import { type Table, tableOf } from "../../core/table.ts";
import { readIfExists } from "../../platform/files.ts";
import { readProjectFile } from "../../project/files.ts";
import { foldersOfFiles, type Variables } from "../../project/folders.ts";

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

/** The most that a manifest may have, in bytes. */
const MOST_BYTES = 1024 * 1024;

/** Where pixi puts an environment of a project. */
export function prefixIn(root: string, environment: string): string {
  return `${root}/.pixi/envs/${environment}`;
}

/** The manifest of the project in a folder: pixi reads pixi.toml first. Undefined where there is none. */
export function manifestIn(folder: string): string | undefined {
  const own = `${folder}/pixi.toml`;
  if (statSync(own, { throwIfNoEntry: false })?.isFile()) return own;
  const shared = `${folder}/pyproject.toml`;
  const stat = statSync(shared, { throwIfNoEntry: false });
  // What nobody can read is told by who needs it.
  if (!stat?.isFile() || stat.size > 4 * MOST_BYTES) return undefined;
  return /^[ \t]*\[+[ \t]*tool[ \t]*\.[ \t]*pixi\b/m.test(readIfExists(shared) ?? "") ? shared : undefined;
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
  const manifest = manifestIn(root);
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
    const manifest = manifestIn(root);
    if (manifest === undefined) continue;
    readProjectFile(manifest, { limit: MOST_BYTES, root: repositoryRoot ?? root });
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
  const names = await environmentsOf(manifest);
  if (names.includes(environment)) return;
  const near = nearest(environment, names);
  throw new SkerryError("SKE-PIXI-PROJECT", `${manifest} has no environment ${environment}`, {
    hint: near ? `did you mean ${near}?` : `it has ${names.join(", ")}`,
    details: { manifest, environment },
  });
}

async function environmentsOf(manifest: string): Promise<string[]> {
  const { environments } = await readManifest(manifest);
  return [...new Set([DEFAULT_ENVIRONMENT, ...Object.keys(tableOf(environments))])];
}

/** What a manifest says, of a pyproject.toml the part for pixi. @throws SKE-PIXI-PROJECT for what is no TOML */
export async function readManifest(manifest: string): Promise<Table> {
  const { parseToml } = await import("../../core/toml.ts");
  try {
    const document = parseToml(readIfExists(manifest, MOST_BYTES) ?? "");
    return basename(manifest) === "pixi.toml" ? document : tableOf(tableOf(document.tool).pixi);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof SkerryError) throw error;
    throw new SkerryError("SKE-PIXI-PROJECT", `${manifest} is not valid TOML`, {
      hint: error.message,
      details: { manifest },
    });
  }
}

/** The tables of a manifest in which dependencies, tasks and activation stand: its own, those of its features, for each platform. */
export function allTables(document: Table): Table[] {
  const tables = [document, ...Object.values(tableOf(document.feature)).map(tableOf)];
  return tables.flatMap((table) => [table, ...Object.values(tableOf(table.target)).map(tableOf)]);
}

/**
 * The files that an environment follows: manifest, lock (there once pixi has resolved), the scripts that activating it may
 * run, and what says how to build the folders that it takes from the project itself. Absolute.
 */
export async function filesOf({ root, manifest }: Pick<PixiProject, "root" | "manifest">): Promise<string[]> {
  const tables = allTables(await readManifest(manifest));
  const lists = tables.map(({ activation }) => tableOf(activation).scripts);
  const scripts = lists.flatMap((list) => (Array.isArray(list) ? list.map((path) => resolve(root, String(path))) : []));
  const specs = tables.flatMap((table) => Object.values(tableOf(table["pypi-dependencies"])));
  const folders = specs.map((spec) => tableOf(spec).path).filter((path) => typeof path === "string");
  const builds = folders.flatMap((path) => BUILD_FILES.map((name) => resolve(root, path, name)));
  return [...new Set([manifest, `${root}/pixi.lock`, ...scripts, ...builds])];
}

/** What a package that pixi builds says of itself: its dependencies among them. */
const BUILD_FILES = ["pyproject.toml", "setup.py", "setup.cfg"];

/** The digest of {@link filesOf} when pixi installed them last. @param record of an environment of pixi */
export function installedDigest({ state }: Pick<EnvironmentRecord, "state">): string | undefined {
  const { digest } = tableOf(tableOf(state).contents);
  return typeof digest === "string" ? digest : undefined;
}
