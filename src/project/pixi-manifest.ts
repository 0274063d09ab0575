import { basename, dirname, resolve } from "node:path";
import { SkerryError } from "../core/error.ts";
import { type Table, tableOf } from "../core/table.ts";
import { parseToml } from "../core/toml.ts";
import { readIfExists } from "../platform/files.ts";
import { PIXI_LIMIT } from "./kind.ts";

/** What a manifest says, of a pyproject.toml the part for pixi. @throws SKE-PIXI-PROJECT for what is no TOML */
export function readPixiManifest(manifest: string): Table {
  try {
    return pixiTable(manifest, parseToml(readIfExists(manifest, PIXI_LIMIT) ?? ""));
  } catch (error) {
    if (!(error instanceof Error) || error instanceof SkerryError) throw error;
    throw new SkerryError("SKE-PIXI-PROJECT", `${manifest} is not valid TOML`, {
      hint: error.message,
      details: { manifest },
    });
  }
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
  const listed = Array.isArray(said) ? said : tableOf(said).features;
  const names: unknown[] = Array.isArray(listed) ? listed : [];
  const features = names.map((name) => tableOf(tableOf(document.feature)[String(name)]));
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
