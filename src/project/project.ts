import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isTable, type Table, tableOf } from "../core/table.ts";
import { NotToml, parseToml } from "../core/toml.ts";
import { REQUIREMENTS } from "./manifests.ts";

/** With which limits manifests are read, and in whose words they are refused. */
export interface ManifestRules {
  /** The text of a file; undefined where there is none. @throws for one that can't be read */
  readonly text: (path: string) => string | undefined;
  /** Makes the error for a file that isn't TOML. */
  readonly refuse: (path: string, error: NotToml) => Error;
}

/** What the manifests in a folder say. Each is read when it is first asked for, and parsed once. */
export class Project {
  /** Absolute. */
  readonly root: string;
  readonly #rulesOf: (path: string) => ManifestRules;
  readonly #tables = new Map<string, Table>();

  constructor(root: string, rulesOf: (path: string) => ManifestRules) {
    this.root = root;
    this.#rulesOf = rulesOf;
  }

  /** Whether the folder has a file of this name. */
  has(name: string): boolean {
    return existsSync(this.pathOf(name));
  }

  pathOf(name: string): string {
    return join(this.root, name);
  }

  /** What a TOML file says; an empty table where there is none. @param path absolute @throws as the rules say */
  table(path: string): Table {
    const known = this.#tables.get(path);
    if (known) return known;
    const { text, refuse } = this.#rulesOf(path);
    try {
      const table = parseToml(text(path) ?? "");
      this.#tables.set(path, table);
      return table;
    } catch (error) {
      throw error instanceof NotToml ? refuse(path, error) : error;
    }
  }

  get pyprojectPath(): string {
    return this.pathOf(PYPROJECT);
  }

  /** What pyproject.toml says; an empty table where there is none. */
  get pyproject(): Table {
    return this.has(PYPROJECT) ? this.table(this.pyprojectPath) : {};
  }

  /** `requires-python`, where no .python-version is more exact: whoever looks for a Python reads that. */
  get python(): string | undefined {
    const requires = tableOf(this.pyproject.project)["requires-python"];
    return typeof requires === "string" && requires !== "" && !this.has(".python-version") ? requires : undefined;
  }

  /** Whether the project itself is installed: it has a `[build-system]` or a setup.py, or uv is told so. */
  get isPackage(): boolean {
    return this.has("setup.py") || "build-system" in this.pyproject || this.#uv.package === true;
  }

  /** Names of the dependency groups that are installed where none are named. */
  get defaultGroups(): readonly string[] {
    const wanted = this.#uv["default-groups"] ?? ["dev"];
    const all = Object.keys(tableOf(dependencyGroups(this.pyproject)));
    return wanted === "all" ? all : all.filter((name) => Array.isArray(wanted) && wanted.includes(name));
  }

  /** Where its dependencies stand, and in which files: the most exact of a lock, pyproject.toml and requirements files. */
  get dependencies(): { readonly in: "lock" | "pyproject" | "requirements"; readonly files: readonly string[] } {
    const lock = ["uv.lock", "pylock.toml"].find((name) => this.has(name));
    if (lock !== undefined) return { in: "lock", files: [this.pathOf(lock)] };
    if (this.isDeclared) return { in: "pyproject", files: [this.pyprojectPath] };
    const there = REQUIREMENTS.filter((name) => this.has(name));
    return { in: "requirements", files: there.map((name) => this.pathOf(name)) };
  }

  /** Whether pyproject.toml says what is required. */
  get isDeclared(): boolean {
    const { dependencies } = tableOf(this.pyproject.project);
    return Array.isArray(dependencies) || Object.keys(tableOf(dependencyGroups(this.pyproject))).length > 0;
  }

  /** Names of the requirements files that are passed over, for they aren't among those that say its dependencies. */
  get passedOver(): readonly string[] {
    const { files } = this.dependencies;
    const all = readdirSync(this.root).filter((name) => /^requirements.*\.txt$/.test(name));
    return all.filter((name) => !files.includes(this.pathOf(name))).sort();
  }

  get #uv(): Table {
    return tableOf(tableOf(this.pyproject.tool).uv);
  }
}

const PYPROJECT = "pyproject.toml";

/** `[dependency-groups]` of a pyproject.toml, where `dev` has what uv's older `dev-dependencies` adds to it. */
export function dependencyGroups(pyproject: Table): unknown {
  const { tool, "dependency-groups": groups = {} } = pyproject;
  const { "dev-dependencies": more } = tableOf(tableOf(tool).uv);
  if (!Array.isArray(more) || !isTable(groups)) return groups;
  const { dev = [] } = groups;
  return { ...groups, dev: Array.isArray(dev) ? [...dev, ...more] : dev };
}
