import { basename, dirname, resolve } from "node:path";
import { SkerryError } from "../core/error.ts";
import { isTable, type Table, tableOf } from "../core/table.ts";
import { readIfExists } from "../platform/files.ts";
import { PIXI_LIMIT } from "./kind.ts";
import { type ManifestRules, Project } from "./project.ts";

/** As pixi's own manifests are read. */
export const PIXI_RULES: ManifestRules = {
  text: (manifest) => readIfExists(manifest, PIXI_LIMIT),
  refuse: (manifest, { message: hint }) =>
    new SkerryError("SKE-PIXI-PROJECT", `${manifest} is not valid TOML`, { hint, details: { manifest } }),
};

/** What a manifest says, of a pyproject.toml the part for pixi. @throws SKE-PIXI-PROJECT for what is no TOML */
export function readPixiManifest(manifest: string, project = new Project(dirname(manifest), () => PIXI_RULES)): Table {
  return pixiTable(manifest, project.table(manifest));
}

/** The part of a manifest that is for pixi. */
export function pixiTable(manifest: string, document: Table): Table {
  return basename(manifest) === "pixi.toml" ? document : tableOf(tableOf(document.tool).pixi);
}

/** The tables of a manifest in which dependencies, tasks and activation stand: its own, those of its features, for each platform. */
export function allTables(document: Table): Table[] {
  const tables = [document, ...Object.values(tableOf(document.feature)).map(tableOf)];
  return tables.flatMap((table) => [table, ...Object.values(tableOf(table.target)).map(tableOf)]);
}

/** The same of one table, and only for this platform, the least exact first. */
export function tablesHere(table: Table): Table[] {
  return [table, ...platforms().map((name) => tableOf(tableOf(table.target)[name]))];
}

/** The tables whose dependencies the default environment has: of its features, each with those for this platform. */
export function defaultTables(document: Table): Table[] {
  const said = tableOf(document.environments).default;
  const features = featuresOf(said).map((name) => tableOf(tableOf(document.feature)[String(name)]));
  const all = tableOf(said)["no-default-feature"] === true ? features : [document, ...features];
  return all.flatMap(tablesHere);
}

/** This platform by the names of conda, the least exact first. */
function platforms(): string[] {
  const system = process.platform === "darwin" ? "osx" : "linux";
  const machine = process.arch === "arm64" ? (system === "osx" ? "arm64" : "aarch64") : "64";
  return ["unix", system, `${system}-${machine}`];
}

/**
 * The files that an environment follows: manifest, lock (there once pixi has resolved), the scripts that activating it may
 * run, and what says how to build the folders that it takes from the project itself. Absolute.
 * @param table what the manifest says
 */
export function followedFiles(manifest: string, table = readPixiManifest(manifest)): string[] {
  const root = dirname(manifest);
  const tables = allTables(table);
  const lists = tables.map(({ activation }) => tableOf(activation).scripts);
  const scripts = lists.flatMap((list) => (Array.isArray(list) ? list.map((path) => resolve(root, String(path))) : []));
  const specs = tables.flatMap((one) => Object.values(tableOf(one["pypi-dependencies"])));
  const folders = specs.map((spec) => tableOf(spec).path).filter((path) => typeof path === "string");
  const builds = folders.flatMap((path) => BUILD_FILES.map((name) => resolve(root, path, name)));
  return [...new Set([manifest, `${root}/pixi.lock`, ...scripts, ...builds])];
}

/** What a package that pixi builds says of itself: its dependencies among them. */
const BUILD_FILES = ["pyproject.toml", "setup.py", "setup.cfg"];

/** `[tasks]` of a table with those of this platform, which win; as it stands where it is no table. */
export function tasksOf(table: Table): unknown {
  const all = tablesHere(table).map(({ tasks }) => tasks);
  const found = all.filter((tasks) => tasks !== undefined);
  return found.length === 0 || !found.every(isTable) ? found[0] : Object.assign({}, ...found);
}

/**
 * The tasks of a manifest's features by name, each with the environments that have its feature and with all that
 * activating them may run: what they do is as trusted as this is. Undefined where it has no features.
 */
export function featureTasksOf(manifest: Table): Table | undefined {
  const { feature, environments } = manifest;
  if (!isTable(feature)) return undefined;
  const activation = [manifest, ...Object.values(feature)].map((one) => tableOf(one).activation ?? null);
  const entries = Object.entries(feature).flatMap(([name, table]) => {
    const has = Object.entries(tableOf(environments)).filter(([, one]) => featuresOf(one).includes(name));
    const where = { feature: name, environments: has.map(([environment]) => environment) };
    const tasks = Object.entries(tableOf(tasksOf(tableOf(table))));
    return tasks.map(([task, written]) => [task, { ...where, task: written, activation }] as const);
  });
  return Object.fromEntries(entries);
}

/** The features that an entry of `[environments]` names. */
function featuresOf(environment: unknown): readonly unknown[] {
  const listed = Array.isArray(environment) ? environment : tableOf(environment).features;
  return Array.isArray(listed) ? listed : [];
}
