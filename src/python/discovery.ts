import { dirname, join } from "node:path";
import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import { lookAt } from "../platform/look.ts";
import { absoluteFolders } from "../platform/which.ts";
import {
  type Candidate,
  candidateAt,
  candidates,
  isShims,
  pyenvDefault,
  pyenvRoot,
  pyenvVersion,
  searchPath,
  type Variables,
} from "./candidates.ts";
import {
  baseInterpreterFacts,
  describeInterpreter,
  type FactsCache,
  type InterpreterFacts,
  interpreterFacts,
  OLDEST_PYTHON,
} from "./interpreter.ts";
import { matches, type PythonRequest } from "./request.ts";
import { readPythonVersionFile } from "./version-request.ts";

/** Where and with what to look. */
export interface DiscoveryContext {
  /** PATH, HOME, PYENV_ROOT … of the caller. */
  readonly env: Variables;
  readonly cache: FactsCache;
  readonly op: Operation;
  /** Whose `.python-version` rules when nothing is asked for. */
  readonly cwd?: string;
}

/** A file that is no usable interpreter, and why. */
export interface Rejected {
  readonly path: string;
  readonly reason: string;
}

/** Every interpreter of a machine. */
export interface Discovery {
  /** Base interpreters, the newest first. */
  readonly found: readonly InterpreterFacts[];
  /** Those that can't be used, and why. */
  readonly rejected: readonly Rejected[];
}

/** Finds every interpreter of this machine; facts that aren't cached cost one process each, four at a time. */
export async function discoverInterpreters(ctx: DiscoveryContext): Promise<Discovery> {
  const queue = candidates(ctx.env);
  const facts = new Map<string, InterpreterFacts>();
  const rejected: Rejected[] = [];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const result = await usable(next.path, ctx);
      if ("reason" in result) rejected.push(result);
      // A virtual environment leads to an interpreter that was or will be found by its own path.
      else if (!facts.has(result.realPath) || result.path === next.path) facts.set(result.realPath, result);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return { found: [...facts.values()].sort(newestFirst), rejected };
}

/**
 * The interpreter to use. Nothing asked for: what the folder's `.python-version` says, else the first usable `python3` of
 * PATH, else the newest. A version or range: the default one if it fits, else the newest that fits, finished releases before
 * pre-releases. Runs no interpreter whose name tells that it can't fit. A virtual environment stands for its base.
 * @throws SKE-PYTHON-NOT-FOUND with what there is; SKE-PYTHON-REQUEST; for a request by path or name also
 *   SKE-PYTHON-BROKEN and SKE-PYTHON-UNSUPPORTED
 */
export async function findInterpreter(
  request: PythonRequest | undefined,
  ctx: DiscoveryContext,
): Promise<InterpreterFacts> {
  const file = request === undefined && ctx.cwd !== undefined ? readPythonVersionFile(ctx.cwd, ctx.env) : undefined;
  const wanted = request ?? file?.request;
  if (wanted?.kind === "path") return await base(executableAt(wanted.path), ctx);
  if (wanted?.kind === "name") {
    const path = namedExecutable(wanted.name, ctx.env);
    if (path === undefined) throw await notFound(wanted, file?.file, ctx);
    return await base(path, ctx);
  }
  return (await choose(wanted, ctx)) ?? (await Promise.reject(await notFound(wanted, file?.file, ctx)));
}

async function choose(
  request: PythonRequest | undefined,
  ctx: DiscoveryContext,
): Promise<InterpreterFacts | undefined> {
  const defaults = defaultPaths(ctx.env).flatMap((path) => candidateAt(path) ?? []);
  const others = candidates(ctx.env).sort(newestGuessFirst);
  const ordered = [...defaults, ...others].filter((each) => request === undefined || mayMatch(request, each));
  let prerelease: InterpreterFacts | undefined;
  for (const candidate of ordered) {
    const facts = await usable(candidate.path, ctx);
    if ("reason" in facts || (request !== undefined && !matches(request, facts))) continue;
    if (facts.releaseLevel === "final") return facts;
    prerelease ??= facts;
  }
  return prerelease;
}

/** What `python3` and `python` mean to the caller: the first of each on PATH, a shim of pyenv taken for what it stands for. */
function defaultPaths(env: Variables): string[] {
  const folders = absoluteFolders(env.PATH);
  const found: string[] = [];
  for (const name of ["python3", "python"]) {
    for (const folder of folders) {
      const version = isShims(folder) && dirname(folder) === pyenvRoot(env) ? pyenvDefault(env) : undefined;
      const path = version ? join(pyenvRoot(env), "versions", version, "bin", "python") : join(folder, name);
      if ((isShims(folder) && !version) || !isFile(path)) continue;
      found.push(path);
      break;
    }
  }
  return found;
}

function mayMatch(request: PythonRequest, { guess }: Candidate): boolean {
  if (guess.version === "") return true;
  const implementation = guess.implementation === "pypy" ? "pypy" : "cpython";
  if (implementation !== (request.kind === "version" ? request.implementation : "cpython")) return false;
  const numbers = guess.version.split(".").map((part) => Number.parseInt(part, 10));
  if (numbers.length < 3) {
    if (request.kind !== "version") return true;
    return numbers.every((part, index) => request.version[index] === undefined || request.version[index] === part);
  }
  return matches(request, {
    implementation,
    version: guess.version,
    versionInfo: numbers as unknown as InterpreterFacts["versionInfo"],
    freeThreaded: guess.freeThreaded,
  });
}

/** A version without its last number may be the newest of its line; one that is unknown comes last. */
function newestGuessFirst(a: Candidate, b: Candidate): number {
  const key = ({ guess: { version } }: Candidate) => {
    const parts = version.split(".");
    return [Number(parts[0] || -1), Number(parts[1] ?? -1), Number.parseInt(parts[2] ?? "999", 10)];
  };
  const [x, y] = [key(a), key(b)];
  return y[0]! - x[0]! || y[1]! - x[1]! || y[2]! - x[2]!;
}

function newestFirst(a: InterpreterFacts, b: InterpreterFacts): number {
  const [x, y] = [a.versionInfo, b.versionInfo];
  const kind = Number(a.implementation === "pypy") - Number(b.implementation === "pypy");
  return kind || y[0] - x[0] || y[1] - x[1] || y[2] - x[2] || (a.path < b.path ? -1 : 1);
}

/** The base interpreter's facts, or why it can't be used. Only a stopped operation throws. */
async function usable(path: string, ctx: DiscoveryContext): Promise<InterpreterFacts | Rejected> {
  try {
    return await base(path, ctx);
  } catch (error) {
    if (!(error instanceof SkerryError) || !error.code.startsWith("SKE-PYTHON-")) throw error;
    return { path, reason: error.message };
  }
}

async function base(path: string, { cache, op }: DiscoveryContext): Promise<InterpreterFacts> {
  return await baseInterpreterFacts(await interpreterFacts(path, cache, op), cache, op);
}

/** The interpreter of a prefix or virtual environment; a path that is no folder is given back. */
function executableAt(path: string): string {
  if (!lookAt(path)?.isDirectory()) return path;
  for (const name of ["python3", "python", "pypy3"]) {
    if (isFile(join(path, "bin", name))) return join(path, "bin", name);
  }
  throw new SkerryError("SKE-PYTHON-NOT-FOUND", `The folder ${path} has no bin/python`, {
    hint: "name an interpreter, or the folder of a virtual environment",
  });
}

/** Other programs of PATH are never tried for being a Python. */
const NAME_OF_PYTHON = /python|pypy/i;

function namedExecutable(name: string, env: Variables): string | undefined {
  const managed = pyenvVersion(name, env);
  if (managed !== undefined) return managed;
  if (name === "python" || name === "python3") return defaultPaths(env)[0];
  if (!NAME_OF_PYTHON.test(name)) return undefined;
  return searchPath(env)
    .map((folder) => join(folder, name))
    .find(isFile);
}

function isFile(path: string): boolean {
  return lookAt(path)?.isFile() ?? false;
}

async function notFound(
  request: PythonRequest | undefined,
  file: string | undefined,
  ctx: DiscoveryContext,
): Promise<SkerryError> {
  const { found, rejected } = await discoverInterpreters(ctx);
  const asked = request === undefined ? "No usable Python is on this machine" : `No Python here fits "${request.text}"`;
  const there = found.map((facts) => `${describeInterpreter(facts)} (${facts.path})`);
  const lines = [
    `${asked}${file === undefined ? "" : `, which ${file} asks for`}.`,
    there.length === 0 ? "None was found." : `There are: ${there.join(", ")}.`,
    ...rejected.map(({ reason }) => `${reason.split("\n", 1)[0]}.`),
  ];
  const near = request?.kind === "version" ? nearestVersion(request.version, found) : found[0];
  const other = near === undefined ? "" : `; or ask for ${near.version}, the nearest here`;
  return new SkerryError("SKE-PYTHON-NOT-FOUND", lines.join("\n"), {
    hint: `${howToInstall(request, ctx.env)}${other}`,
    details: {
      found: found.map(({ path, implementation, version }) => ({ path, implementation, version })),
      rejected,
    },
  });
}

function howToInstall(request: PythonRequest | undefined, env: Variables): string {
  const oldest = OLDEST_PYTHON.join(".");
  let wanted = "3.13";
  if (request?.kind === "version" && request.version.length > 0) {
    const [major, minor = OLDEST_PYTHON[1]] = request.version;
    if (major !== OLDEST_PYTHON[0] || minor < OLDEST_PYTHON[1]) return `environments need Python ${oldest} or newer`;
    wanted = `${request.implementation === "pypy" ? "pypy" : ""}${request.version.join(".")}${request.freeThreaded ? "t" : ""}`;
  }
  const pyenv = lookAt(pyenvRoot(env)) ? `pyenv install ${wanted}, ` : "";
  const system = process.platform === "darwin" ? `brew install python@${wanted}` : "the system's package manager";
  return `install one: ${pyenv}uv python install ${wanted}, or ${system}`;
}

function nearestVersion(wanted: readonly number[], found: readonly InterpreterFacts[]): InterpreterFacts | undefined {
  const distance = ({ versionInfo }: InterpreterFacts) =>
    wanted.reduce((sum, part, index) => sum * 1000 + Math.abs(part - versionInfo[index]!), 0);
  return [...found].sort((a, b) => distance(a) - distance(b))[0];
}
