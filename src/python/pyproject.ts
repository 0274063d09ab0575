import { basename, dirname } from "node:path";
import { nearest } from "../core/near.ts";
import { isTable, type Table } from "../core/table.ts";
import { PIXI_RULES } from "../project/pixi-manifest.ts";
import { dependencyGroups, type ManifestRules, Project } from "../project/project.ts";
import { normalizeName, parseRequirement } from "./requirement/requirement.ts";
import { readText, refuse } from "./requirement/text.ts";

/** What of a project's file is asked for. */
export interface ProjectRequest {
  /** Leave out `[project] dependencies`, and with them what an extra adds to. */
  readonly groupsOnly: boolean;
  readonly extras: readonly string[];
  readonly groups: readonly string[];
}

type Lists = ReadonlyMap<string, readonly unknown[]>;

const DEPTH_LIMIT = 50;
const COUNT_LIMIT = 10_000;

/**
 * The requirement lines of a pyproject.toml: dependencies and optional dependencies
 * (https://packaging.python.org/specifications/pyproject-toml/) and dependency groups
 * (https://packaging.python.org/specifications/dependency-groups/). Relative paths count from its folder.
 * @throws SKE-PKG-REQUIREMENT
 */
export function projectRequirements(of: Project, request: ProjectRequest): string[] {
  const { root: folder, pyprojectPath: path } = of;
  const document = of.table(path);
  const project = projectTable(path, document);
  const groups = tableOfLists(path, dependencyGroups(document));
  const extras = tableOfLists(path, project["optional-dependencies"]);
  const found = new Set<string>();

  function add(lines: readonly unknown[], where: string, chain: readonly string[]): void {
    if (chain.length > DEPTH_LIMIT) throw refuse(path, `${where} is nested too deeply`, "join some of the groups");
    for (const line of lines) {
      if (typeof line === "string") addLine(line, where, chain);
      else addGroup(includedGroup(path, where, line), chain);
      if (found.size > COUNT_LIMIT) throw refuse(path, `it has more than ${COUNT_LIMIT} requirements`, "ask for less");
    }
  }

  function addLine(line: string, where: string, chain: readonly string[]): void {
    const requirement = parseRequirement(line, { cwd: folder, where: `${path}: ${where}` });
    if (requirement.name === undefined || (requirement.source.kind === "path" && !/@\s*file:/i.test(line)))
      throw refuse(path, `${where}: "${line}" is only a path`, "write it as name @ file:///…, or install it with -e");
    const own = typeof project.name === "string" && requirement.name === normalizeName(project.name);
    // An extra that is made of others names the project itself.
    if (own && requirement.extras.length > 0) for (const extra of requirement.extras) addExtra(extra, chain);
    else found.add(requirement.text);
  }

  function addExtra(name: string, chain: readonly string[]): void {
    const key = `extra ${normalizeName(name)}`;
    if (chain.includes(key)) return;
    if (isDynamic(project, "optional-dependencies")) throw dynamic(path, "optional-dependencies");
    add(pick(path, "extra", name, extras), `[project.optional-dependencies] ${name}`, [...chain, key]);
  }

  function addGroup(name: string, chain: readonly string[]): void {
    const key = `group ${normalizeName(name)}`;
    if (chain.includes(key))
      throw refuse(path, `the group ${name} includes itself`, "take one of its include-group lines out");
    add(pick(path, "group", name, groups), `[dependency-groups] ${name}`, [...chain, key]);
  }

  if (!request.groupsOnly) {
    if (isDynamic(project, "dependencies")) throw dynamic(path, "dependencies");
    if (project.dependencies !== undefined) add(listOf(path, "dependencies", project.dependencies), "dependencies", []);
  }
  for (const name of request.extras) addExtra(name, []);
  for (const name of request.groups) addGroup(name, []);
  return [...found];
}

function projectTable(path: string, { project = {} }: Table): Table {
  if (!isTable(project)) throw refuse(path, "project isn't a table", "write [project] above its keys");
  return project;
}

/** As the manifests of what is installed are read: for all that is wrong with one, SKE-PKG-REQUIREMENT. */
export const INSTALL_RULES: ManifestRules = {
  text: (path) => readText(path, undefined),
  refuse: (path, error) => refuse(path, error.what, "correct the file"),
};

/** The project in a folder, as it is read to be installed. */
export function projectIn(root: string): Project {
  return new Project(root, (path) => (basename(path) === "pixi.toml" ? PIXI_RULES : INSTALL_RULES));
}

function tableOfLists(path: string, value: unknown = {}): Lists {
  if (!isTable(value)) throw refuse(path, "groups and extras are tables of lists", 'write name = ["requirement"]');
  return new Map(Object.entries(value).map(([name, list]) => [normalizeName(name), listOf(path, name, list)]));
}

function listOf(path: string, name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw refuse(path, `${name} isn't a list`, 'write it like ["requests>=2"]');
}

function includedGroup(path: string, where: string, entry: unknown): string {
  if (isTable(entry) && typeof entry["include-group"] === "string" && Object.keys(entry).length === 1)
    return entry["include-group"];
  throw refuse(path, `${where} has an entry that is neither a requirement nor an include-group`, "correct the entry");
}

function pick(path: string, what: string, name: string, lists: Lists): readonly unknown[] {
  const found = lists.get(normalizeName(name));
  if (found) return found;
  const near = nearest(normalizeName(name), [...lists.keys()]);
  const hint = near
    ? `did you mean ${near}?`
    : lists.size
      ? `it has ${[...lists.keys()].join(", ")}`
      : `it has no ${what}s`;
  throw refuse(path, `there is no ${what} named ${name}`, hint);
}

function isDynamic(project: Table, key: string): boolean {
  return Array.isArray(project.dynamic) && project.dynamic.includes(key);
}

function dynamic(path: string, key: string) {
  return refuse(path, `${key} are dynamic: only a build tells them`, `install the project itself: -e ${dirname(path)}`);
}
