// Operands and options that several verbs take.
import { CLEANUPS } from "../../core/environment.ts";
import { INSTALLERS } from "../../core/spec.ts";
import type { OperandSpec, OptionSpec } from "./spec.ts";

/** The environment that a verb is about. */
export const environment: OperandSpec = {
  name: "ENVIRONMENT",
  description: "Name of the environment, its id, or a beginning of the id that no other shares",
  complete: "environment",
};

/** Which engine. */
export const engine: OptionSpec = {
  type: "string",
  value: "NAME",
  description: "The engine that makes it, such as basic; skerry doctor lists them",
  complete: async () => Object.keys((await import("../../index.ts")).BUILT_IN_ENGINES),
};

/** Which interpreter. */
export const python: OptionSpec = {
  type: "string",
  value: "PYTHON",
  description: "The interpreter: 3.12, '>=3.10,<3.13', pypy3.10, or a path",
  complete: "python",
};

/** What to install. */
export const requirements: Record<string, OptionSpec> = {
  requirement: {
    type: "string",
    short: "r",
    multiple: true,
    value: "FILE",
    description: "Install what this file names: requirements, pyproject.toml, pylock.toml or uv.lock",
    complete: "file",
  },
  constraint: {
    type: "string",
    short: "c",
    multiple: true,
    value: "FILE",
    description: "Keep to the versions in this file",
    complete: "file",
  },
  editable: {
    type: "string",
    short: "e",
    multiple: true,
    value: "DIR",
    description: "Install this project so that changes to its files take effect at once",
    complete: "folder",
  },
  group: {
    type: "string",
    multiple: true,
    value: "NAME",
    description: "Install this dependency group of the project's file, that in this folder or given with -r",
  },
  extra: {
    type: "string",
    multiple: true,
    value: "NAME",
    description: "Install the project's dependencies with this extra",
  },
};

/** How versions are chosen. */
export const upgrade: OptionSpec = {
  type: "boolean",
  short: "U",
  description: "Let packages that are there already get newer versions",
};

/** Look before you leap. */
export const dryRun: OptionSpec = { type: "boolean", description: "Only tell what would change" };

/** A package by name. */
export const withRequirement: OptionSpec = {
  type: "string",
  multiple: true,
  value: "REQUIREMENT",
  description: "Install this package, as requests or 'requests>=2,<3'",
};

/** Where packages come from. */
export const sources: Record<string, OptionSpec> = {
  "index-url": {
    type: "string",
    short: "i",
    value: "URL",
    description: "Take packages from this index instead of the one that is set up",
  },
  "extra-index-url": { type: "string", multiple: true, value: "URL", description: "Take packages from this index too" },
  "find-links": {
    type: "string",
    short: "f",
    multiple: true,
    value: "PLACE",
    description: "Take packages from this folder or page of package files too",
    complete: "folder",
  },
  offline: { type: "boolean", description: "Use only what is on this machine already" },
};

/** How it is installed. */
export const installation: Record<string, OptionSpec> = {
  installer: { type: "string", value: "NAME", description: "The program that installs packages", choices: INSTALLERS },
  ...sources,
};

/** How long an environment lives. */
export const cleanup: OptionSpec = {
  type: "string",
  value: "WHEN",
  description: "Whether it goes when the process that it was made for ends",
  choices: CLEANUPS,
};

/** What to do where requirements exclude each other. */
export const conflicts: Record<string, OptionSpec> = {
  resolve: { type: "boolean", description: "On a conflict, change a bound as little as it takes, and say which" },
  override: {
    type: "string",
    multiple: true,
    value: "REQUIREMENT",
    description: "Take this for whatever is required of its package, as 'urllib3<2'; with uv only",
  },
};

/** What each start needs of its caller. */
export const secret: OptionSpec = {
  type: "string",
  multiple: true,
  value: "NAME",
  description: "Need this variable of yours at each start, and keep its value nowhere",
};

/** Where package files lie. */
export const modes: Record<string, OptionSpec> = {
  thin: { type: "boolean", description: "Read packages through a layer that environments share" },
  full: { type: "boolean", description: "Give the environment package files of its own" },
};

/** Whether the interpreter's own packages count. */
export const systemSite: OptionSpec = {
  type: "boolean",
  description: "Let the interpreter's own packages be imported too",
};

/** How a command runs. */
export const running: Record<string, OptionSpec> = {
  timeout: { type: "string", value: "TIME", description: "Stop the command after this time (30s, 10m) and exit 124" },
  cwd: { type: "string", value: "DIR", description: "Run the command in this folder", complete: "folder" },
  env: { type: "string", multiple: true, value: "NAME=VALUE", description: "Set this variable for the command" },
};

/** Which shell. */
export const shellOption: OptionSpec = {
  type: "string",
  value: "SHELL",
  description: "The shell: bash, zsh, fish, or another by name; otherwise the one in use",
  complete: ["bash", "zsh", "fish"],
};
