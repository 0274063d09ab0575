import { relative } from "node:path";
import { cut } from "../core/scan.ts";
import { isTable, type Table } from "../core/table.ts";
import { readProjectFile } from "../project/files.ts";
import { searchedFolders } from "../project/folders.ts";
import { type ManifestRules, Project } from "../project/project.ts";
import { INSTALL_RULES } from "../python/pyproject.ts";
import { decode, FILE_LIMIT } from "../python/requirement/text.ts";

/** What a tool's table has that bears on packages: keys below `[tool.<name>]`, `*` for any. */
interface Tool {
  readonly name: string;
  /** Tables of packages, each with where it comes from. */
  readonly sources: readonly string[];
  /** Where packages without such an entry come from. */
  readonly indexes: readonly string[];
  /** What leaves versions or kinds of files out, or takes others. */
  readonly rules: readonly string[];
}

const PLACES = ["index-url", "extra-index-url", "find-links"];

/** The tools whose tables in a pyproject.toml bear on which packages are installed. */
const TOOLS: readonly Tool[] = [
  {
    name: "uv",
    sources: ["sources"],
    indexes: ["index", ...PLACES, ...PLACES.map((key) => `pip.${key}`)],
    rules: [
      ...["constraint", "override", "exclude", "build-constraint"].map((kind) => `${kind}-dependencies`),
      ...["exclude-newer", "exclude-newer-package", "no-index", "no-build", "no-build-package"],
      ...["exclude-newer", "no-index", "no-build", "only-binary", "require-hashes"].map((key) => `pip.${key}`),
    ],
  },
  {
    name: "poetry",
    sources: ["dependencies", "dev-dependencies", "group.*.dependencies"],
    indexes: ["source"],
    rules: [],
  },
  {
    name: "pdm",
    sources: [],
    indexes: ["source"],
    rules: ["resolution.overrides", "resolution.excludes", "resolution.exclude-newer"],
  },
  { name: "rye", sources: [], indexes: ["sources"], rules: [] },
  {
    name: "pixi",
    sources: ["pypi-dependencies", "feature.*.pypi-dependencies"],
    indexes: [...PLACES, "extra-index-urls"].map((key) => `pypi-options.${key}`),
    rules: ["dependency-overrides", "no-build", "no-index"].map((key) => `pypi-options.${key}`),
  },
  { name: "pip-tools", sources: [], indexes: PLACES, rules: ["constraint", "no-index", "only-binary"] },
];

/** The table of a tool, with where in it there is what. */
export interface ToolTable extends Tool {
  /** The file that it stands in. */
  readonly path: string;
  readonly table: Table;
}

/** Those that count for a project. */
export interface ToolTables {
  /** The nearest first. What they say of single packages counts for the project. */
  readonly all: readonly ToolTable[];
  /** What these say of all packages does: of uv's, only the workspace's own. */
  readonly root: readonly ToolTable[];
}

/**
 * The tables that count for a project: its own, and those of the workspace that it belongs to.
 * @param variables the caller's, which say where looking upwards ends
 * @throws SKE-PKG-REQUIREMENT, and what {@link readProjectFile} throws
 */
export function tablesOf(project: Project, variables: NodeJS.ProcessEnv): ToolTables {
  const own = toolTables(project);
  const above = isTable(own.find(isOfUv)?.table.workspace) ? undefined : workspaceAbove(project.root, variables);
  if (!above) return { all: own, root: own };
  const shared = toolTables(above).filter(isOfUv);
  return { all: [...own, ...shared], root: [...own.filter((one) => !isOfUv(one)), ...shared] };
}

export function isOfUv({ name }: ToolTable): boolean {
  return name === "uv";
}

function toolTables(project: Project): ToolTable[] {
  const { pyprojectPath: path } = project;
  const { tool: all } = project.table(path);
  return TOOLS.flatMap((tool) => {
    const table = isTable(all) ? all[tool.name] : undefined;
    return isTable(table) ? [{ ...tool, path, table }] : [];
  });
}

/** A manifest that nobody has named has to be the user's own. */
const RULES_ABOVE: ManifestRules = {
  ...INSTALL_RULES,
  text(path) {
    const file = readProjectFile(path, { limit: FILE_LIMIT });
    return file && decode(file.bytes);
  },
};

/** The project of uv's in a folder above whose workspace this one may belong to. */
function workspaceAbove(folder: string, variables: NodeJS.ProcessEnv): Project | undefined {
  for (const parent of searchedFolders(folder, variables).folders.slice(1)) {
    const project = new Project(parent, () => RULES_ABOVE);
    const workspace = toolTables(project).find(isOfUv)?.table.workspace;
    if (!isTable(workspace)) continue;
    const { exclude } = workspace;
    return Array.isArray(exclude) && exclude.includes(relative(parent, folder)) ? undefined : project;
  }
  return undefined;
}

/** What is at a key of a table, such as `group.*.dependencies`. */
export function valuesAt(table: Table, path: string): unknown[] {
  const [key = "", rest] = cut(path, ".");
  const found = key === "*" ? Object.values(table) : Object.hasOwn(table, key) ? [table[key]] : [];
  if (rest === undefined) return found;
  return found.flatMap((one) => (isTable(one) ? valuesAt(one, rest) : []));
}
