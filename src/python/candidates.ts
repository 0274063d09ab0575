import { readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readWhole } from "../platform/files.ts";
import { lookAt } from "../platform/look.ts";
import { userHomeFolder } from "../platform/paths.ts";
import { absoluteFolders } from "../platform/which.ts";

/** The caller's variables. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A file that may be an interpreter; nothing has been run. */
export interface Candidate {
  readonly path: string;
  readonly realPath: string;
  /** What the names of its file and folder say: `3.12.1`, `3.12` (from `python3.12`), or nothing. */
  readonly guess: { readonly implementation: string; readonly version: string; readonly freeThreaded: boolean };
}

const PYTHON_NAME = /^(?:python|pypy)(?:\d+(?:\.\d+)?t?)?$/;

/**
 * Every file that may be an interpreter, in this order: PATH, pyenv, uv, asdf and mise, conda, the folders of the system,
 * Homebrew, python.org's frameworks. Each real file once, by the first path found. The shims of pyenv, asdf and mise are
 * left out, since they stand for the real ones.
 */
export function candidates(env: Variables): Candidate[] {
  const found = new Map<string, Candidate>();
  const take = (path: string) => {
    const candidate = candidateAt(path);
    if (candidate === undefined) return;
    const key = venvOf(path) ?? candidate.realPath;
    if (!found.has(key)) found.set(key, candidate);
  };
  for (const folder of searchPath(env)) for (const name of pythonsIn(folder)) take(join(folder, name));
  for (const folder of versionFolders(env))
    for (const name of ["python", "pypy3", "python3"]) take(join(folder, "bin", name));
  for (const folder of SYSTEM_FOLDERS) for (const name of pythonsIn(folder)) take(join(folder, name));
  return [...found.values()];
}

/** The candidate at a path; undefined when no file is there. */
export function candidateAt(path: string): Candidate | undefined {
  try {
    const realPath = realpathSync(path);
    return statSync(realPath).isFile() ? { path, realPath, guess: guess(path, realPath) } : undefined;
  } catch {
    // Not there, or a link to nothing.
    return undefined;
  }
}

const SYSTEM_FOLDERS = [
  "/usr/local/bin",
  "/usr/bin",
  "/opt/homebrew/bin",
  "/home/linuxbrew/.linuxbrew/bin",
  "/opt/conda/bin",
];

/** The folders of PATH that are absolute, shims left out. */
export function searchPath(env: Variables): string[] {
  return absoluteFolders(env.PATH).filter((folder) => !isShims(folder));
}

/** Folders named `shims` hold scripts that choose an interpreter by the working folder. */
export function isShims(folder: string): boolean {
  return basename(folder) === "shims";
}

/** Where pyenv keeps its state. */
export function pyenvRoot(env: Variables): string {
  return env.PYENV_ROOT || join(userHomeFolder(env), ".pyenv");
}

/** The interpreter of one of the user's versions of pyenv, which may be a virtual environment. @param name without a slash */
export function pyenvVersion(name: string, env: Variables): string | undefined {
  const path = join(pyenvRoot(env), "versions", name, "bin", "python");
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : undefined;
}

/** The version that pyenv's shims stand for outside any project: `$PYENV_VERSION`, else its global one; undefined: the system's. */
export function pyenvDefault(env: Variables): string | undefined {
  let chosen = env.PYENV_VERSION;
  if (!chosen) {
    try {
      chosen = readWhole(join(pyenvRoot(env), "version")).toString("utf8");
    } catch {
      return undefined;
    }
  }
  const first = chosen.split(/[:\s]+/).find((word) => word !== "");
  return first === "system" ? undefined : first;
}

/** Prefixes of interpreters that version managers have installed, newest version first within each manager. */
function versionFolders(env: Variables): string[] {
  const home = userHomeFolder(env);
  const data = env.XDG_DATA_HOME || join(home, ".local/share");
  return [
    ...below(join(pyenvRoot(env), "versions")),
    ...below(env.UV_PYTHON_INSTALL_DIR || join(data, "uv/python")),
    ...below(join(env.ASDF_DATA_DIR || join(home, ".asdf"), "installs/python")),
    ...below(join(env.MISE_DATA_DIR || join(data, "mise"), "installs/python")),
    ...below("/Library/Frameworks/Python.framework/Versions"),
    ...["miniconda3", "anaconda3", "miniforge3"].map((name) => join(home, name)),
  ];
}

function below(folder: string): string[] {
  return list(folder)
    .filter((name) => !name.startsWith("."))
    .sort((a, b) => b.localeCompare(a, "en", { numeric: true }))
    .map((name) => join(folder, name));
}

/** `python3` first: it is the folder's default. */
function pythonsIn(folder: string): string[] {
  const rank = (name: string) => ["python3", "python", "pypy3", "pypy"].indexOf(name) + 1 || 9;
  return list(folder)
    .filter((name) => PYTHON_NAME.test(name))
    .sort((a, b) => rank(a) - rank(b) || b.localeCompare(a, "en", { numeric: true }));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The virtual environment that an interpreter belongs to; it shares its real file with the one below it. */
function venvOf(path: string): string | undefined {
  const prefix = dirname(dirname(path));
  return lookAt(join(prefix, "pyvenv.cfg")) ? prefix : undefined;
}

function guess(path: string, realPath: string): Candidate["guess"] {
  for (const each of [realPath, path]) {
    // versions/3.12.1/bin/python3.12, cpython-3.13.0+freethreaded-linux-x86_64-gnu/bin/python, pypy3.10-7.3.12/bin/pypy3
    const folder = /^(cpython-|pypy-?)?(\d+\.\d+(?:\.\d+(?:(?:a|b|rc)\d+)?)?)(t\b|\+freethreaded)?/.exec(
      basename(dirname(dirname(each))),
    );
    const file = /^(python|pypy)(\d+(?:\.\d+)?)(t?)$/.exec(basename(each));
    const best = folder ?? (file?.[2]?.includes(".") ? file : undefined);
    if (best === undefined || best === null) continue;
    return {
      implementation: (best[1] ?? basename(realPath)).startsWith("pypy") ? "pypy" : "cpython",
      version: best[2]!,
      freeThreaded: Boolean(best[3]) || /\dt$/.test(basename(realPath)),
    };
  }
  return { implementation: "", version: "", freeThreaded: false };
}
