// The files of other tools that name tasks: read once, so that what is trusted is what is run.

import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { SkerryError } from "../core/error.ts";
import { digest, type Json } from "../core/json.ts";
import { isTable, tableOf } from "../core/table.ts";
import { identifyProject } from "../git/identity.ts";
import { readProjectFile, textOf } from "../project/files.ts";
import { foldersOfFiles, searchedFolders } from "../project/folders.ts";
import { NO_CONFIG_VARIABLE } from "../project/no-config.ts";
import { featureTasksOf, tasksOf } from "../project/pixi-manifest.ts";
import { type ManifestRules, Project } from "../project/project.ts";
import { PYPROJECT_FILE } from "./keys.ts";
import { type Environment, type Located, MAX_FILE_BYTES } from "./locate.ts";
import type { TrustRequest } from "./trust.ts";

/** pixi's own manifest (https://pixi.sh/latest/reference/pixi_manifest/). */
const PIXI_FILE = "pixi.toml";
/** The file in each worktree that says where the repository's shared infrastructure is. */
export const INFRASTRUCTURE_FILE = ".worktree_config.json";

/** A table of another tool that names tasks. */
export interface TaskFile {
  readonly kind: "pixi" | "features" | "scripts" | "infrastructure";
  /** Absolute. */
  readonly path: string;
  /** Where in the file it stands, for people. */
  readonly table: string;
  readonly value: Readonly<Record<string, Json>>;
}

/** The folder that tasks belong to, and the tables of other tools that name some. */
export interface TaskFiles {
  /** Absolute; the folder of the project's own file, else the nearest with one of another tool, else the repository's. */
  readonly root: string;
  readonly repositoryRoot: string | undefined;
  /** Highest precedence first. */
  readonly files: readonly TaskFile[];
}

/** The folder that tasks belong to. Reads no file. */
export function taskRoot(located: Located, env: Environment): Pick<TaskFiles, "root" | "repositoryRoot"> {
  const near = located.projectRoot ?? nearestWithFile(located.cwd, env);
  const repositoryRoot = located.repositoryRoot ?? searchedFolders(near ?? located.cwd, env).repositoryRoot;
  return { root: near ?? repositoryRoot ?? located.cwd, repositoryRoot };
}

/** Reads the tables of other tools that name tasks. @throws SKE-CONFIG, SKE-CONFIG-UNTRUSTED */
export function readTaskFiles(located: Located, env: Environment): TaskFiles {
  const { root, repositoryRoot } = taskRoot(located, env);
  if (env[NO_CONFIG_VARIABLE]) return { root, repositoryRoot, files: [] };
  const limit = repositoryRoot ?? root;
  const shared = repositoryRoot === undefined ? undefined : join(repositoryRoot, INFRASTRUCTURE_FILE);
  const project = new Project(root, () => rulesIn(limit));
  const manifest = project.table(project.pathOf(PIXI_FILE));
  const pyproject = project.table(project.pathOf(PYPROJECT_FILE));
  const pixi = tableOf(tableOf(pyproject.tool).pixi);
  const files = [
    file("pixi", join(root, PIXI_FILE), "tasks", tasksOf(manifest)),
    file("pixi", join(root, PYPROJECT_FILE), "tool.pixi.tasks", tasksOf(pixi)),
    file("features", join(root, PIXI_FILE), "feature", featureTasksOf(manifest)),
    file("features", join(root, PYPROJECT_FILE), "tool.pixi.feature", featureTasksOf(pixi)),
    file("scripts", join(root, PYPROJECT_FILE), "project.scripts", tableOf(pyproject.project).scripts),
    shared === undefined ? undefined : file("infrastructure", shared, "", readInfrastructureFile(shared, limit)),
  ];
  return { root, repositoryRoot, files: files.filter((one) => one !== undefined) };
}

/** What {@link requestTrust} is for what the files of other tools say; undefined when they name no tasks. */
export function requestTaskTrust({ root, repositoryRoot, files }: TaskFiles): TrustRequest | undefined {
  if (files.length === 0) return undefined;
  const identity = identifyProject(root, repositoryRoot);
  const values = files.map(({ path, table, value }) => [relative(repositoryRoot ?? root, path), table, value]);
  const keys = files.map(({ table }) => table || "shared infrastructure");
  return {
    digest: digest({ format: 1, kind: "tasks", ...identity, values }),
    projectRoot: root,
    anchor: identity.anchor,
    settings: files.map(({ path, value }, i) => ({ file: path, key: keys[i]!, value })),
    body: { ...identity, projectRoot: root, keys: [...new Set(keys)] },
  };
}

function nearestWithFile(cwd: string, env: Environment): string | undefined {
  return foldersOfFiles(cwd, env).folders.find((folder) =>
    [PIXI_FILE, PYPROJECT_FILE].some((name) => existsSync(join(folder, name))),
  );
}

function file(kind: TaskFile["kind"], path: string, table: string, value: unknown): TaskFile | undefined {
  if (value === undefined) return undefined;
  if (!isTable(value)) throw refuse(path, `${table} is no table`);
  if (Object.keys(value).length === 0) return undefined;
  return { kind, path, table, value: plain(value, `${path}: ${table}`, 8) as TaskFile["value"] };
}

/** @param root the folder that no link may lead out of */
function rulesIn(root: string): ManifestRules {
  return {
    text: (path) => textIn(path, root),
    refuse: (path, { line, message }) =>
      refuse(line === undefined ? path : `${path}:${line}`, `this is not valid TOML: ${message}`),
  };
}

function textIn(path: string, root: string): string | undefined {
  const file = readProjectFile(path, { limit: MAX_FILE_BYTES, root, kind: "a configuration file" });
  return file && textOf(file);
}

function readInfrastructureFile(path: string, root: string): unknown {
  const text = textIn(path, root);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse(path, "it is no JSON");
  }
  // Other keys are others'.
  const names = ["ansible_playbooks", "docker_configs", "shared_scripts"];
  const found = tableOf(value);
  return Object.fromEntries(names.filter((name) => Object.hasOwn(found, name)).map((name) => [name, found[name]]));
}

/** What has a JSON form and is not too deep: a digest has to tell any two values apart. */
function plain(value: unknown, where: string, depth: number): Json {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (depth === 0) throw refuse(where, "it is nested too deeply");
  if (Array.isArray(value)) return value.map((entry) => plain(entry, where, depth - 1));
  if (!isTable(value)) throw refuse(where, "a task has only texts, numbers, lists and tables");
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry, where, depth - 1)]));
}

function refuse(where: string, why: string): SkerryError {
  return new SkerryError("SKE-CONFIG", `${where}: ${why}`, {
    hint: `correct the file, or leave project files out with ${NO_CONFIG_VARIABLE}=1`,
  });
}
