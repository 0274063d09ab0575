// What pyproject.toml says to other tools of where packages come from: what isn't followed here is refused by name, for
// the same names from the usual index may be anybody's packages.
import { dirname, join } from "node:path";
import { dropSecrets } from "../core/secrets.ts";
import { isTable, tableOf } from "../core/table.ts";
import { exists } from "../platform/files.ts";
import type { Project } from "../project/project.ts";
import { projectIn } from "../python/pyproject.ts";
import { isOfIndex, nameAtStart, normalizeName, parseRequirement } from "../python/requirement/requirement.ts";
import { refuse } from "../python/requirement/text.ts";
import { pipFlag, pipList } from "./pip-config.ts";
import { type InstallerSettings, pipInvocation, uvInvocation } from "./settings.ts";
import { isOfUv, type ToolTable, tablesOf, valuesAt } from "./tool-tables.ts";

/** By whom, and with what, packages are looked for. */
export interface Finder {
  readonly name: "uv" | "pip";
  readonly settings: InstallerSettings;
}

/**
 * Holds the requirements that were read from a pyproject.toml to what its other tables say of them.
 * @param lines those requirements
 * @throws SKE-PKG-REQUIREMENT for what says where they come from, or which, and isn't followed here
 */
export function refuseUnfollowed(project: Project, lines: readonly string[], finder: Finder): void {
  const { root: cwd, pyprojectPath: where } = project;
  const named = lines.map((line) => parseRequirement(line, { cwd, where })).filter(isOfIndex);
  if (named.length === 0) return;
  const names = named.map(({ name = "" }) => name);
  const { all, root } = tablesOf(project, finder.settings.variables);
  refuseSources(finder, all, new Set(names));
  refuseRules(root, finder);
}

/**
 * The same of a folder that is installed with what it requires. uv follows the sources of its own table there, and
 * build backends what they know of theirs.
 */
export function refuseUnfollowedOf(folder: string, finder: Finder): void {
  const project = projectIn(folder);
  if (!exists(project.pyprojectPath)) return;
  const { all, root } = tablesOf(project, finder.settings.variables);
  if (finder.name === "pip") refuseSources(finder, all.filter(isOfUv), requiredNames(project));
  refuseRules(root, finder);
}

/** What a project requires, extras included; undefined where only a build tells. */
function requiredNames(of: Project): ReadonlySet<string | undefined> | undefined {
  const document = of.table(of.pyprojectPath);
  const project = tableOf(document.project);
  const { dependencies, dynamic, "optional-dependencies": extras = {} } = project;
  if (Array.isArray(dynamic) ? dynamic.some((key) => /dependencies$/.test(String(key))) : !document.project)
    return undefined;
  const lines = [dependencies, ...Object.values(tableOf(extras))].flat();
  return new Set(lines.map((line) => nameAtStart(String(line))));
}

/** @param names those that are asked for; undefined: any may be */
function refuseSources(
  { settings }: Finder,
  tables: readonly ToolTable[],
  names: ReadonlySet<string | undefined> | undefined,
): void {
  for (const one of tables) {
    if (isOfUv(one) && pipFlag(settings.uv.UV_NO_SOURCES)) continue;
    const isFollowed = ([name, source]: [string, unknown]) =>
      names?.has(normalizeName(name)) === false || !(isOfUv(one) || saysWhere(source));
    for (const key of one.sources) {
      const entries = valuesAt(one.table, key).flatMap((found) => Object.entries(tableOf(found)));
      const [name] = entries.find((entry) => !isFollowed(entry)) ?? [];
      if (name === undefined) continue;
      const why = `[tool.${one.name}.${key}] says where ${name} comes from, which isn't followed here`;
      const instead = `write it into the requirement, such as ${name} @ https://…`;
      throw refuse(one.path, why, isOfUv(one) ? `${lockHint(one.path)}; or ${instead}` : instead);
    }
  }
}

function saysWhere(source: unknown): boolean {
  const keys = ["path", "file", "git", "url", "source", "index", "workspace"];
  return [source].flat().some((one) => isTable(one) && keys.some((key) => one[key] !== undefined));
}

function refuseRules(tables: readonly ToolTable[], finder: Finder): void {
  for (const one of tables) {
    const { path, table, name: tool } = one;
    for (const key of one.indexes) {
      const places = valuesAt(table, key).flatMap(placesIn);
      const place = places.find((each) => !isAsked(each, finder));
      if (place === undefined) continue;
      const flag = key.endsWith("find-links") ? "--find-links" : "--extra-index-url";
      const hint = `give it yourself: ${flag} ${dropSecrets(place)}`;
      const why = `${key} of [tool.${tool}] says that packages come from ${place}, which isn't followed here`;
      throw refuse(path, why, isOfUv(one) ? `${hint}; or ${lockHint(path)}` : hint);
    }
    for (const key of one.rules) {
      if (!valuesAt(table, key).some(isSet) || isSaid(key.split(".").at(-1)!, finder)) continue;
      const why = `${key} of [tool.${tool}] says which packages may be taken, which isn't followed here`;
      throw refuse(path, why, isOfUv(one) ? lockHint(path) : "lock the project with its own tool, and give the lock");
    }
  }
}

function lockHint(path: string): string {
  const lock = join(dirname(path), "uv.lock");
  return exists(lock) ? `give the lock instead: -r ${lock}` : `let uv lock the project (uv lock), and give -r ${lock}`;
}

/** The addresses that a value names; not those which only sources lead to. */
function placesIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(placesIn);
  if (!isTable(value) || value.explicit === true || value.priority === "explicit") return [];
  return typeof value.url === "string" ? [value.url] : [];
}

/** Whether packages are looked for in a place anyway, by the user's own settings. */
function isAsked(place: string, { name, settings }: Finder): boolean {
  const { env } = name === "uv" ? uvInvocation(settings) : pipInvocation(settings);
  const keys = ["DEFAULT_INDEX", "INDEX", "INDEX_URL", "EXTRA_INDEX_URL", "FIND_LINKS"];
  const asked = keys.flatMap((key) => pipList(env[`${name.toUpperCase()}_${key}`]?.replaceAll(",", " ")));
  return ["https://pypi.org/simple", ...asked].map(placeKey).includes(placeKey(place));
}

function placeKey(place: string): string {
  // uv's variables name an index with its address.
  const url = dropSecrets(place.replace(/^[\w.-]+=(?=\w+:)/, ""));
  return url.endsWith("/") ? url.slice(0, -1) : url;
}

/** Whether the user's own settings say something else of it, or the same. */
function isSaid(key: string, { settings }: Finder): boolean {
  return settings.uvFile.has(key) || Boolean(settings.uv[`UV_${key.toUpperCase().replaceAll("-", "_")}`]);
}

function isSet(value: unknown): boolean {
  return (
    value !== false && (Array.isArray(value) ? value.length > 0 : !isTable(value) || Object.keys(value).length > 0)
  );
}
