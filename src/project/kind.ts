// On the warm path: imports nothing heavy.
import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { EnvironmentRecord } from "../core/environment.ts";
import { tableOf } from "../core/table.ts";
import { readIfExists } from "../platform/files.ts";

/** What a kind of project decides of the environment that its folder has. Other rooms ask this, never for a kind by its name. */
export interface ProjectKind {
  /** For people. */
  readonly title: string;
  /** The engine that makes the environment; undefined: the one of the configuration. */
  readonly engine: string | undefined;
  /** Where the environment lies in the folder. */
  readonly place: string;
  /**
   * Whether the engine itself brings the environment to what the project's manifest says, Python included: no setting of a
   * person, no group and no extra has a say, what its tool has made of the same files is taken over, and who runs something
   * in the folder means that environment.
   */
  readonly isManaged: boolean;
  /** The digest of the project's files when they were installed last, where the engine keeps it in its state. */
  readonly installed?: (record: Pick<EnvironmentRecord, "state">) => string | undefined;
}

export const VIRTUALENV_PROJECT: ProjectKind = {
  title: "project",
  engine: undefined,
  place: ".venv",
  isManaged: false,
};

export const PIXI_PROJECT: ProjectKind = {
  title: "pixi project",
  engine: "pixi",
  place: ".pixi/envs/default",
  isManaged: true,
  installed({ state }) {
    const { digest } = tableOf(tableOf(state).contents);
    return typeof digest === "string" ? digest : undefined;
  },
};

/** All of them: of the environments that lie in a folder, that of the first kind counts. */
export const PROJECT_KINDS: readonly ProjectKind[] = [VIRTUALENV_PROJECT, PIXI_PROJECT];

/** The kind whose environments an engine makes. */
export function kindOf({ engine }: Pick<EnvironmentRecord, "engine">): ProjectKind {
  return PROJECT_KINDS.find((kind) => kind.engine === engine) ?? VIRTUALENV_PROJECT;
}

/** What `skerry create` is given to make such an environment in the folder. */
export function createFlags({ place, engine }: ProjectKind): string {
  return `--prefix ${place}${engine === undefined ? "" : ` --engine ${engine}`}`;
}

/** Where the environment of a folder lies, by kind; the first one counts. */
export const PREFIXES: readonly string[] = PROJECT_KINDS.map(({ place }) => place);

/** The folder whose environment has this prefix, which may be another of pixi's as well. */
export function folderOf(prefix: string): string {
  return /^(.*)\/\.pixi\/envs\/[^/]+$/.exec(prefix)?.[1] ?? dirname(prefix);
}

/** The most that a manifest of pixi may have, in bytes. */
export const PIXI_LIMIT = 1024 * 1024;

/** The manifest of the pixi project in a folder: pixi reads pixi.toml first. Undefined where there is none. */
export function pixiManifestIn(folder: string): string | undefined {
  const own = `${folder}/pixi.toml`;
  if (statSync(own, { throwIfNoEntry: false })?.isFile()) return own;
  const shared = `${folder}/pyproject.toml`;
  const stat = statSync(shared, { throwIfNoEntry: false });
  // What nobody can read is told by who needs it.
  if (!stat?.isFile() || stat.size > 4 * PIXI_LIMIT) return undefined;
  return /^[ \t]*\[+[ \t]*tool[ \t]*\.[ \t]*pixi\b/m.test(readIfExists(shared) ?? "") ? shared : undefined;
}
