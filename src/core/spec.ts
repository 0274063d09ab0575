import type { Forced } from "./lock.ts";

/** How strongly an environment is apart from the rest of the machine, weakest first. */
export const ISOLATION_LEVELS = ["basic", "virtualenv", "container", "kubernetes"] as const;
export type IsolationLevel = (typeof ISOLATION_LEVELS)[number];

/** Thin environments read their packages through a layer of the store; full ones have their own files. */
export const PACKAGE_MODES = ["thin", "full"] as const;
export type PackageMode = (typeof PACKAGE_MODES)[number];

/** How the files of a full environment come from the store; `auto` takes a reflink, else a hardlink, else a copy. */
export const LINK_MODES = ["auto", "hardlink", "copy"] as const;
export type LinkMode = (typeof LINK_MODES)[number];

/** Which HOME or TMPDIR the programs of an environment see: the user's, or a folder of the environment. */
export const HOME_MODES = ["user", "own"] as const;
export type HomeMode = (typeof HOME_MODES)[number];

/** Which program installs packages; `auto` takes uv where it can be had, else pip. */
export const INSTALLERS = ["auto", "uv", "pip"] as const;
export type InstallerChoice = (typeof INSTALLERS)[number];

/** What packages an environment should hold, as asked for. Paths are absolute. */
export interface RequirementsSpec {
  /** Requirement lines (PEP 508), as on a command line: `requests>=2`, `./pkg.whl`, `name @ url`. */
  readonly requirements: readonly string[];
  /** Requirements files (`-r`), and pyproject.toml, pylock.toml and uv.lock, known by their names. */
  readonly files: readonly string[];
  /** Constraints files (`-c`). */
  readonly constraints: readonly string[];
  /** Project folders to install in editable form (`-e`). */
  readonly editables: readonly string[];
  /** Dependency groups of the project and lock files; without such a file, of the working folder's pyproject.toml. */
  readonly groups?: readonly string[];
  /** Extras of the same, with the dependencies that they add to. */
  readonly extras?: readonly string[];
  /** What is done against the requirements. */
  readonly forced?: Forced;
}

/** What an environment should be. Plain data; `schema.ts` of config/ checks it; canonical JSON makes it hashable. */
export interface EnvironmentSpec {
  readonly name: string;
  readonly engine: string;
  /** A request for an interpreter: `3.12`, `>=3.10,<3.13`, `pypy3.10`, a path; absent: the default one. */
  readonly python?: string;
  /** What is asked for. In a record: as at its creation, or the roots of the lock after the last change. */
  readonly packages: RequirementsSpec;
  readonly mode: PackageMode;
  readonly link: LinkMode;
  readonly installer: InstallerChoice;
  readonly systemSitePackages: boolean;
  readonly home: HomeMode;
  readonly tmp: HomeMode;
  /** Variables set for everything that runs in the environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** Names of variables that the caller has to have at each start. Only names: values are kept nowhere. Absent: none. */
  readonly secrets?: readonly string[];
  /** Where the Python prefix lies when it isn't inside the environment's place, such as `/repo/.venv`. Absolute. */
  readonly prefix?: string;
}

/** Nothing asked for. */
export const EMPTY_REQUIREMENTS: RequirementsSpec = { requirements: [], files: [], constraints: [], editables: [] };

/** True when nothing at all is asked for. */
export function asksForPackages(spec: RequirementsSpec): boolean {
  const { requirements, files, editables, groups = [], extras = [] } = spec;
  return [requirements, files, editables, groups, extras].some((list) => list.length > 0);
}
