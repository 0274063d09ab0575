import { readdirSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { SkerryError } from "../core/error.ts";
import type { Fault } from "../core/fault.ts";
import type { Operation } from "../core/operation.ts";
import { quotePython } from "../core/quote.ts";
import { fillIn } from "../core/script.ts";
import type { Target, ToolResult } from "../core/target.ts";
import { readWhole } from "../platform/files.ts";
import { lookAt } from "../platform/look.ts";
import { scrub } from "./environment-variables.ts";
import { LAYER_LINK } from "./own-paths.ts";
import START_SITE from "./start-site.py" with { type: "text" };
import { readVenvConfig } from "./venv.ts";
import VERIFY from "./verify.py" with { type: "text" };

/** A virtual environment, and what may be on its path besides its own folders and the standard library. */
export interface VerifySubject {
  /** Absolute. */
  readonly prefix: string;
  readonly target: Target;
  /** The packages of the base interpreter, and the user's own, may be seen. */
  readonly systemSitePackages: boolean;
  /** Folders outside that belong to it, such as those of editable projects. Absolute. */
  readonly allowed?: readonly string[];
}

const MARK = "skerry-path:";
const SCRIPT = START_SITE + fillIn(VERIFY, { MARK: quotePython(MARK) });

interface Seen {
  readonly prefix: string;
  readonly basePrefix: string;
  readonly executable: string;
  readonly path: readonly string[];
  readonly libraries: readonly string[];
  readonly sitePackages: string;
  readonly userSite: string;
  readonly userSiteEnabled: boolean;
}

/**
 * Starts the environment's Python once, as a command in it would start but without running what a project brings, and
 * checks where it believes to be, whose standard library it uses, and that nothing from outside is on `sys.path`.
 * @throws SKE-ENV-LEAK naming what doesn't belong there; SKE-ENV-BROKEN when its Python doesn't start
 */
export async function verifyByProcess(subject: VerifySubject, op: Operation): Promise<void> {
  const { prefix, target, systemSitePackages } = subject;
  const { interpreter } = target.identity;
  const seen = await look(subject, op);
  const leak = (what: string, entry: string) =>
    new SkerryError("SKE-ENV-LEAK", `Checked that the environment at ${prefix} is isolated: ${what}`, {
      hint: "create it again; if this comes back, look for .pth files and a sitecustomize of the interpreter",
      details: { prefix, entry, path: seen.path },
    });
  if (!same(seen.prefix, prefix)) throw leak(`its sys.prefix is ${seen.prefix}`, seen.prefix);
  if (!same(dirname(seen.executable), `${prefix}/bin`)) throw leak(`its Python is ${seen.executable}`, seen.executable);
  if (!same(seen.executable, interpreter)) {
    throw leak(`its Python is ${real(seen.executable)}, not ${interpreter}`, seen.executable);
  }
  const basePrefix = readVenvConfig(prefix)?.values["base-prefix"];
  if (basePrefix !== undefined && !same(seen.basePrefix, basePrefix)) {
    throw leak(`its sys.base_prefix is ${seen.basePrefix}, not ${basePrefix}`, seen.basePrefix);
  }
  const library = seen.libraries[0]!;
  if (!within(library, seen.basePrefix)) throw leak(`its standard library is ${library}`, library);
  if (seen.userSiteEnabled && !systemSitePackages) {
    throw leak(`it sees the user's packages in ${seen.userSite}`, seen.userSite);
  }
  const own = ownFolders(subject, seen.sitePackages);
  const system = systemSitePackages ? [seen.basePrefix, "/usr/local/lib", "/usr/lib/python3", seen.userSite] : [];
  for (const entry of seen.path) {
    const belongs = [...own, ...system].some((folder) => within(entry, folder)) || isLibrary(entry, seen.libraries);
    if (!belongs) throw leak(`sys.path holds ${entry === "" ? "the working folder" : entry}`, entry);
  }
}

async function look({ prefix, target }: VerifySubject, op: Operation): Promise<Seen> {
  const python = `${prefix}/bin/python`;
  const broken = (what: string, cause?: unknown) =>
    new SkerryError("SKE-ENV-BROKEN", `Started ${python} to check the environment: ${what}`, {
      hint: "repair or recreate the environment",
      cause,
    });
  let result: ToolResult;
  try {
    result = await target.run([python, "-S", "-c", SCRIPT], {
      op,
      timeoutMs: 60_000,
      cwd: "/",
      env: scrub(process.env),
    });
  } catch (error) {
    if (!(error instanceof SkerryError) || error.code === "SKE-INTERRUPTED") throw error;
    throw broken(error.message, error);
  }
  const at = result.stdout.lastIndexOf(`\n${MARK}`);
  if (at < 0) {
    const end = result.signal ?? `status ${result.exitCode}`;
    throw broken(`it ended with ${end}: ${result.stderr.trim().split("\n").slice(-5).join("\n")}`);
  }
  return JSON.parse(result.stdout.slice(at + MARK.length + 1).split("\n", 1)[0]!) as Seen;
}

/** Its prefix, the layer that `_skerry-layer` links to, and what is allowed besides. */
function ownFolders({ prefix, allowed = [] }: VerifySubject, sitePackages: string): string[] {
  const layer = linkTarget(`${sitePackages}/${LAYER_LINK}`);
  return [prefix, ...allowed, ...(layer === undefined ? [] : [resolve(sitePackages, layer)])];
}

/** The standard library, the folder of its extensions, or its zipped form (python312.zip beside python3.12). */
function isLibrary(entry: string, libraries: readonly string[]): boolean {
  if (/\/(python|pypy)\d+t?\.zip$/.test(entry)) return libraries.some((one) => same(dirname(entry), dirname(one)));
  return !/\/(site|dist)-packages(\/|$)/.test(entry) && libraries.some((library) => within(entry, library));
}

/**
 * Checks a fresh environment's isolation by its files, without starting anything: {@link venvFaults}, what pyvenv.cfg
 * says of the base interpreter's packages, and the folders that `.pth` files name. Lines of those that run code aren't judged.
 * @returns what is wrong, for people; empty when nothing is
 */
export function verifyByStructure(subject: VerifySubject & { readonly sitePackages: string }): string[] {
  const { prefix, target, systemSitePackages } = subject;
  const { interpreter: path, version } = target.identity;
  const problems = venvFaults(prefix, { path, version }).map(({ message }) => message);
  const config = readVenvConfig(prefix);
  if (config !== undefined && config.systemSitePackages !== systemSitePackages) {
    problems.push(`pyvenv.cfg ${systemSitePackages ? "keeps" : "doesn't keep"} the base interpreter's packages out`);
  }
  const site = join(prefix, subject.sitePackages);
  if (!isFolder(site)) return problems;
  const own = ownFolders(subject, site);
  for (const name of readdirSync(site)) {
    // Python reads no folder, and whoever reads a pipe waits.
    if (!name.endsWith(".pth") || !lookAt(join(site, name))?.isFile()) continue;
    for (const line of readWhole(join(site, name)).toString("utf8").split(/\r?\n/)) {
      if (line.trim() === "" || line.startsWith("#") || /^import[ \t]/.test(line)) continue;
      const folder = resolve(site, line.trimEnd());
      if (own.some((one) => within(folder, one))) continue;
      problems.push(`${join(site, name)} puts ${folder} on the path, which is outside`);
    }
  }
  return problems;
}

/**
 * What is broken in a virtual environment, by its files alone: pyvenv.cfg and its home, the links in bin/, the version it
 * was made for, site-packages.
 * @param base the interpreter below it: its absolute path, and its version
 */
export function venvFaults(prefix: string, base: { readonly path: string; readonly version: string }): Fault[] {
  const config = readVenvConfig(prefix);
  if (config === undefined)
    return [{ kind: "venv-config", message: `${prefix}/pyvenv.cfg is missing or names no home` }];
  const faults: Fault[] = [];
  if (!isFolder(config.home))
    faults.push({ kind: "venv-config", message: `the base interpreter's folder ${config.home} is gone` });
  const minor = base.version.split(".").slice(0, 2).join(".");
  if (config.version !== undefined && !`${config.version}.`.startsWith(`${minor}.`)) {
    const message = `it was made for Python ${config.version}, but its interpreter is ${base.version}`;
    faults.push({ kind: "venv-config", message });
  }
  for (const name of ["python", "python3", `python${minor}`]) {
    const message = linkProblem(`${prefix}/bin/${name}`, base.path);
    if (message) faults.push({ kind: "python-link", message });
  }
  const lib = join(prefix, "lib");
  const holders = isFolder(lib) ? readdirSync(lib).filter((name) => isFolder(join(lib, name, "site-packages"))) : [];
  if (!holders.some((name) => name.includes(minor)))
    faults.push({ kind: "files-missing", message: `${lib} has no site-packages of Python ${minor}` });
  return faults;
}

function linkProblem(path: string, target: string): string | undefined {
  const link = linkTarget(path);
  try {
    const found = realpathSync(path);
    // A copy of the interpreter, as other makers can put there, is no link.
    if (link === undefined || found === real(target)) return undefined;
    return `${path} leads to ${found}, not to ${target}`;
  } catch {
    return link === undefined ? `${path} is missing` : `${path} points to ${link}, which is gone`;
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function isFolder(path: string): boolean {
  return lookAt(path)?.isDirectory() ?? false;
}

/** Below a folder or the folder itself, by name; or by real path, since /tmp and /var of macOS are links. */
function within(path: string, folder: string): boolean {
  if (folder === "" || path === "") return false;
  return [resolve(folder), real(folder)].some((one) => `${resolve(path)}/`.startsWith(`${one}/`));
}

function same(a: string, b: string): boolean {
  return a === b || real(a) === real(b);
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
