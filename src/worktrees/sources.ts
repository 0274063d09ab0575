import { basename } from "node:path";
import { digest } from "../core/json.ts";
import { EMPTY_REQUIREMENTS, type RequirementsSpec } from "../core/spec.ts";
import { type Table, tableOf } from "../core/table.ts";
import type { Target } from "../core/target.ts";
import type { Project } from "../project/project.ts";
import { projectRequirements } from "../python/pyproject.ts";
import { holds } from "../python/requirement/evaluate.ts";
import { readRequirements } from "../python/requirement/files.ts";
import { parseRequirement, type Requirement } from "../python/requirement/requirement.ts";
import { readText } from "../python/requirement/text.ts";
import { VERSION_FILE, VERSION_FILE_LIMIT } from "../python/version-files.ts";
/** What a project's own files say its environment should be. Paths are absolute. */
export interface ProjectSources {
  /** `requires-python`, where no .python-version is more exact: whoever looks for a Python reads that. */
  readonly python: string | undefined;
  readonly packages: Pick<RequirementsSpec, "files" | "editables" | "groups" | "extras"> & {
    readonly requirements?: readonly string[];
  };
  /** What is required directly, as far as it can be told without building anything; undefined: not at all. */
  readonly declared: readonly Requirement[] | undefined;
  /** Names of the conda packages besides, where pixi installs them; Python itself is none of them. */
  readonly conda?: readonly string[];
  /** The files that this was read from. */
  readonly read: readonly string[];
  /** Equal ones: nothing has changed that the environment depends on. */
  readonly digest: string;
  /** What was seen and left alone, for people. */
  readonly notes: readonly string[];
}

/** What of the project is wanted beside its dependencies. */
export interface ProjectChoice {
  /** Dependency groups; absent: `dev`, or what `[tool.uv] default-groups` names, where there are such groups. */
  readonly groups?: readonly string[];
  readonly extras?: readonly string[];
}

/** Tables of `[tool]` that builds and installations depend on; formatters and such have theirs beside them. */
const BUILD_TOOLS = ["uv", "skerry", "setuptools", "setuptools_scm", "hatch", "flit", "poetry", "pdm", "maturin"];

/**
 * What a project's files say, the most exact one counting: uv.lock, pylock.toml, pyproject.toml (with its dependency
 * groups), requirements files. The project itself is installed in editable form when it is a package, that is when it has
 * a `[build-system]` or a setup.py.
 * @throws SKE-PKG-REQUIREMENT for a file that can't be understood
 */
export function projectSources(project: Project, choice: ProjectChoice = {}): ProjectSources {
  const { root, pyproject, dependencies } = project;
  const { groups = project.defaultGroups, extras = [] } = choice;
  const isPlain = dependencies.in === "requirements";
  const { files } = dependencies;
  const lines = readRequirements({ ...EMPTY_REQUIREMENTS, files: isPlain ? files : [] }, root);
  const others = ["pyproject.toml", "setup.py", "setup.cfg", VERSION_FILE].filter((name) => project.has(name));
  const read = [...new Set([...others.map((name) => project.pathOf(name)), ...files, ...lines.files])];
  const asked = { ...(groups.length > 0 ? { groups } : {}), ...(extras.length > 0 ? { extras } : {}) };
  return {
    python: project.python,
    packages: { files, editables: project.isPackage ? [root] : [], ...asked },
    declared: project.isDeclared
      ? projectRequirements(project, { groupsOnly: false, extras, groups }).map((line) =>
          parseRequirement(line, { cwd: root, where: "pyproject.toml" }),
        )
      : isPlain && files.length > 0
        ? lines.requirements
        : undefined,
    read,
    digest: digest([read.map((path) => [path.slice(root.length), contentOf(path, pyproject)]), groups, extras]),
    notes: notesOn(project.passedOver),
  };
}

/**
 * Names of the packages that are declared for an interpreter, as the index knows them; see `declared`. Without knowing
 * for which, only those that are for all.
 */
export function declaredNames(
  { declared }: ProjectSources,
  environment: Target["markers"] | undefined,
): string[] | undefined {
  const isWanted = (one: Requirement) => (environment ? holds(one, environment) : one.marker === undefined);
  const names = declared?.filter(isWanted).flatMap(({ name }) => name ?? []);
  return names && [...new Set(names)];
}

/** What of a file counts: of a pyproject.toml not the settings of formatters and linters. */
function contentOf(path: string, pyproject: Table): unknown {
  if (basename(path) === VERSION_FILE) return readText(path, undefined, VERSION_FILE_LIMIT);
  if (basename(path) !== "pyproject.toml") return readText(path, undefined);
  const { tool, ...rest } = pyproject;
  const tools = BUILD_TOOLS.map((name) => tableOf(tool)[name] ?? null);
  return JSON.stringify([rest, tools]);
}

function notesOn(passedOver: readonly string[]): string[] {
  if (passedOver.length === 0) return [];
  return [`not installed: ${passedOver.join(", ")}; requirements_files in skerry.toml names more`];
}
