// On the warm path: imports nothing heavy, reads at most three small files.
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, sep } from "node:path";
import { isErrno, SkerryError } from "../core/error.ts";
import { digest, sha256 } from "../core/json.ts";
import { isRepositoryRoot } from "../git/identity.ts";
import { isOurs } from "../git/ownership.ts";
import { userHomeFolder } from "../platform/paths.ts";
import {
  CONFIG_KEYS,
  type ConfigKey,
  NO_CONFIG_VARIABLE,
  PROJECT_FILE,
  PYPROJECT_FILE,
  RENAMED,
  variableOf,
} from "./keys.ts";

/** The largest configuration file, in bytes. */
export const MAX_FILE_BYTES = 1024 * 1024;

export type Environment = Readonly<Record<string, string | undefined>>;

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
 * in `cwd` and climbs until a folder has one; it ends at the root of a repository, below the user's home folder, below
 * a folder shared by all users (sticky, as /tmp is), and at the border of a file system.
 * @throws SKE-CONFIG for a file that is too large, not regular, or not UTF-8 text
 * @throws SKE-CONFIG-UNTRUSTED for a file of another user, or a link that leads out of the project
 */
export function locateConfig(at: { readonly cwd: string; readonly env: Environment }): Located {
  const cwd = realpathSync(at.cwd);
  const project: Search = at.env[NO_CONFIG_VARIABLE] ? { files: [] } : climb(cwd, userHomeFolder(at.env));
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

/**
 * The folders in which a project's own files are looked for: from this one upwards to the root of a repository, a folder
 * below the user's home folder or below one shared by all users, or the border of a file system.
 */
export function* searchedFolders(cwd: string, home: string): Generator<string, void> {
  const device = statSync(cwd).dev;
  const homeEntry = statSync(home, { throwIfNoEntry: false });
  for (let folder = cwd; ; ) {
    yield folder;
    const parent = dirname(folder);
    if (parent === folder || isRepositoryRoot(folder)) return;
    const entry = statSync(parent);
    const isHome = homeEntry !== undefined && entry.ino === homeEntry.ino && entry.dev === homeEntry.dev;
    if (isHome || entry.dev !== device || (entry.mode & 0o1002) === 0o1002) return;
    folder = parent;
  }
}

function climb(cwd: string, home: string): Search {
  let last = cwd;
  for (const folder of searchedFolders(cwd, home)) {
    const files = [
      readConfigFile(join(folder, PROJECT_FILE), "project"),
      readConfigFile(join(folder, PYPROJECT_FILE), "pyproject"),
    ].filter((file) => file !== undefined);
    if (files.length > 0) {
      const repositoryRoot = findRepository(folder);
      for (const file of files) refuseLinkOut(file.path, repositoryRoot ?? folder);
      return { projectRoot: folder, ...(repositoryRoot === undefined ? {} : { repositoryRoot }), files };
    }
    last = folder;
  }
  return isRepositoryRoot(last) ? { repositoryRoot: last, files: [] } : { files: [] };
}

/** The folder with the `.git` entry that a folder belongs to. */
export function findRepository(from: string): string | undefined {
  for (let folder = from; ; ) {
    if (isRepositoryRoot(folder)) return folder;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

function refuseLinkOut(path: string, root: string): void {
  if (!lstatSync(path).isSymbolicLink()) return;
  const real = realpathSync(path);
  if (real.startsWith(root === sep ? sep : root + sep)) return;
  throw new SkerryError("SKE-CONFIG-UNTRUSTED", `${path} is a link to ${real}, outside of the project ${root}`, {
    hint: "put a regular file in its place, or leave project files out with SKERRY_NO_CONFIG=1",
  });
}

/**
 * The text of a file of the project that isn't Skerry's own, read as carefully; undefined where there is none.
 * @throws SKE-CONFIG, SKE-CONFIG-UNTRUSTED
 */
export function readProjectText(path: string, root: string): string | undefined {
  const file = readConfigFile(path, "project");
  if (file !== undefined) refuseLinkOut(path, root);
  return file?.text;
}

/** Reads one file; undefined when there is none, or when it is a pyproject.toml that doesn't speak of Skerry. */
function readConfigFile(path: string, kind: ConfigFile["kind"]): ConfigFile | undefined {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  let fd: number;
  try {
    // Without O_NONBLOCK, opening a FIFO waits for a writer.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if (kind === "pyproject" || isErrno(error, "ENOTDIR")) return undefined;
    throw new SkerryError("SKE-CONFIG", `${path} can't be opened: ${error instanceof Error ? error.message : error}`, {
      hint: "repair or remove the file",
      cause: error,
    });
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) {
      if (kind === "pyproject") return undefined;
      throw new SkerryError("SKE-CONFIG", `${path} is not a regular file`, { hint: "put a text file in its place" });
    }
    const bytes = readAtMost(fd, MAX_FILE_BYTES + 1);
    if (kind === "pyproject" && !bytes.includes("tool.skerry")) return undefined;
    if (bytes.length > MAX_FILE_BYTES) {
      throw new SkerryError("SKE-CONFIG", `${path} is larger than a configuration file may be (1 MiB)`, {
        hint: "keep data in files of its own",
      });
    }
    if (!isOurs(stat)) {
      throw new SkerryError("SKE-CONFIG-UNTRUSTED", `${path} belongs to another user (uid ${stat.uid})`, {
        hint: `take it over with chown${kind === "user" ? "" : `, or leave project files out with ${NO_CONFIG_VARIABLE}=1`}`,
      });
    }
    return { path, kind, digest: sha256(bytes), text: decode(bytes, path) };
  } finally {
    closeSync(fd);
  }
}

function readAtMost(fd: number, limit: number): Buffer {
  const buffer = Buffer.allocUnsafe(Math.min(limit, Math.max(fstatSync(fd).size + 1, 4096)));
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(fd, buffer, length, buffer.length - length, null);
    if (count === 0) break;
    length += count;
  }
  return buffer.subarray(0, length);
}

function decode(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new SkerryError("SKE-CONFIG", `${path} is not UTF-8 text`, { hint: "save it as UTF-8", cause: error });
  }
}
