// On the warm path: imports nothing heavy, reads at most three small files.
import { realpathSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { digest, sha256 } from "../core/json.ts";
import type { Variables } from "../core/variables.ts";
import { userHomeFolder } from "../platform/paths.ts";
import { readProjectFile, textOf } from "../project/files.ts";
import { foldersOfFiles } from "../project/folders.ts";
import { CONFIG_KEYS, type ConfigKey, PROJECT_FILE, PYPROJECT_FILE, RENAMED, variableOf } from "./keys.ts";

/** The largest configuration file, in bytes. */
export const MAX_FILE_BYTES = 1024 * 1024;

export type Environment = Variables;

/** A configuration file as it was read, once: what is parsed is what was hashed. */
export interface ConfigFile {
  /** Absolute; symbolic links in it resolved, but for the file itself. */
  readonly path: string;
  /** `project`: skerry.toml; `pyproject`: `[tool.skerry]` of pyproject.toml; `user`: the user's own config.toml. */
  readonly kind: "project" | "pyproject" | "user";
  /** SHA-256 of the file's bytes. */
  readonly digest: string;
  readonly text: string;
}

/** All that the configuration is made of, unparsed. */
export interface Located {
  /** The working folder that the search began in, symbolic links resolved. */
  readonly cwd: string;
  /** The folder with the project's own file. */
  readonly projectRoot?: string;
  /** The folder with the `.git` entry that `cwd` belongs to, when the search came that far. */
  readonly repositoryRoot?: string;
  /** Highest precedence first. */
  readonly files: readonly ConfigFile[];
  /** Variables that set keys, by name; empty ones count as not set. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Finds and reads the configuration files and variables, without parsing. The search for a project's own file begins
 * in `cwd` and climbs until a folder has one, as far as {@link searchedFolders} says.
 * @throws SKE-CONFIG for a file that is too large, not regular, or not UTF-8 text
 * @throws SKE-CONFIG-UNTRUSTED for a file of another user, or a link that leads out of the project
 */
export function locateConfig(at: { readonly cwd: string; readonly env: Environment }): Located {
  const cwd = realpathSync(at.cwd);
  const project = search(cwd, at.env);
  const user = readConfigFile(userConfigPath(at.env), "user");
  const files = user === undefined ? project.files : [...project.files, user];
  const variables: Record<string, string> = {};
  for (const key of CONFIG_KEYS) {
    const name = variableOf(key);
    const value = name === undefined ? undefined : at.env[name];
    if (name !== undefined && value) variables[name] = value;
  }
  return { cwd, ...project, files, variables };
}

/** SHA-256 over paths and bytes of the files and the variables: equal digests, equal configuration, flags aside. */
export function configDigest({ files, variables }: Located): string {
  return digest({ files: files.map((file) => [file.kind, file.path, file.digest]), variables });
}

/** Where the user's own file is: `$XDG_CONFIG_HOME/skerry/config.toml` (XDG Base Directory Specification 0.8). */
export function userConfigPath(env: Environment): string {
  const base = env.XDG_CONFIG_HOME;
  return join(base && isAbsolute(base) ? base : join(userHomeFolder(env), ".config"), "skerry", "config.toml");
}

/** False when no file can possibly set the key; asked without parsing. */
export function mentions(located: Located, key: ConfigKey): boolean {
  const names = [key, ...Object.keys(RENAMED).filter((name) => RENAMED[name] === key)];
  // A key in quotes can hide its letters behind escapes.
  const mention = new RegExp(`\\b(${names.join("|")})\\b|\\\\[uUx]`);
  return located.files.some((file) => mention.test(file.text));
}

/** The text that a variable gives a key. */
export function variableFor(located: Located, key: ConfigKey): string | undefined {
  const name = variableOf(key);
  return name === undefined ? undefined : located.variables[name];
}

type Search = Pick<Located, "projectRoot" | "repositoryRoot" | "files">;

function search(cwd: string, env: Environment): Search {
  const { folders, repositoryRoot } = foldersOfFiles(cwd, env);
  const repository = repositoryRoot === undefined ? {} : { repositoryRoot };
  for (const folder of folders) {
    const root = repositoryRoot ?? folder;
    const files = [
      readConfigFile(join(folder, PROJECT_FILE), "project", root),
      readConfigFile(join(folder, PYPROJECT_FILE), "pyproject", root),
    ].filter((file) => file !== undefined);
    if (files.length > 0) return { projectRoot: folder, ...repository, files };
  }
  return { ...repository, files: [] };
}

/** Reads one file; undefined when there is none, or when it is a pyproject.toml that doesn't speak of Skerry. */
function readConfigFile(path: string, kind: ConfigFile["kind"], root?: string): ConfigFile | undefined {
  const file = readProjectFile(path, {
    limit: MAX_FILE_BYTES,
    root,
    kind: "a configuration file",
    isUsers: kind === "user",
    ...(kind === "pyproject" ? { concerns: (bytes) => bytes.includes("tool.skerry") } : {}),
  });
  return file && { path, kind, digest: sha256(file.bytes), text: textOf(file) };
}
