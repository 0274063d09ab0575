import type { Json } from "./json.ts";
import type { Forced } from "./lock.ts";

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

/** How much an environment may take; what is absent isn't limited. */
export interface Limits {
  /** Bytes. */
  readonly memory?: number | undefined;
  /** Processors, 0.5 for half of one. */
  readonly cpus?: number | undefined;
  /** Processes and threads at once. */
  readonly pids?: number | undefined;
  /** Bytes of the environment's own files. */
  readonly disk?: number | undefined;
  /** Files that a process may have open. */
  readonly openFiles?: number | undefined;
  /** Processor time of a process, in milliseconds. */
  readonly time?: number | undefined;
}

/** Networks by name, most open first: all; this machine; other environments of a group; nothing. */
export const NETWORKS = ["full", "loopback", "internal", "none"] as const;

/** What can be reached from an environment: a network by its name, or these hosts alone, at these ports or any. */
export type NetworkRule =
  | (typeof NETWORKS)[number]
  | { readonly allow: readonly { readonly host: string; readonly ports?: readonly number[] | undefined }[] };

/** How strictly an environment is kept from the machine, least first. */
export const SECURITY_TEMPLATES = ["open", "standard", "strict", "locked"] as const;
export type SecurityTemplate = (typeof SECURITY_TEMPLATES)[number];

/** A port that a program in the environment listens on, by the name under which others find it. */
export interface PortWish {
  readonly name: string;
  /** The number that it would like outside; absent: any. Which one it got is never part of a spec. */
  readonly port?: number | undefined;
}

/** What an environment is held to. An engine that can't hold it refuses the spec. */
export interface Rules {
  readonly limits?: Limits | undefined;
  readonly network?: NetworkRule | undefined;
  readonly security?: SecurityTemplate | undefined;
  readonly ports?: readonly PortWish[] | undefined;
}
export type RuleName = keyof Rules;

/** What an environment should be. Plain data; `schemas.ts` of environments/ checks what it is made of; canonical JSON makes it hashable. */
export interface EnvironmentSpec extends Rules {
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
  /** Words of its engine alone, checked by the engine's own schema. */
  readonly options?: { readonly [name: string]: Json } | undefined;
}

/** Nothing asked for. */
export const EMPTY_REQUIREMENTS: RequirementsSpec = { requirements: [], files: [], constraints: [], editables: [] };

/** True when nothing at all is asked for. */
export function asksForPackages(spec: RequirementsSpec): boolean {
  const { requirements, files, editables, groups = [], extras = [] } = spec;
  return [requirements, files, editables, groups, extras].some((list) => list.length > 0);
}
