import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { LayerTarget } from "../core/engine.ts";
import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import type { InstallerChoice } from "../core/spec.ts";
import { fileTime, isSameTime } from "../platform/file-time.ts";
import { readIfExists, removeTree, writeAtomic } from "../platform/files.ts";
import { acquireLease } from "../platform/lease.ts";
import type { StatePaths } from "../platform/paths.ts";
import { lastLines, runTool } from "../platform/run-tool.ts";
import { which } from "../platform/which.ts";
import { withScratch } from "../store/scratch.ts";
import type { Installer } from "./installer.ts";
import { makeScratchPrefix, OLDEST_PIP, pipInstaller } from "./pip.ts";
import { type InstallerSettings, pipInvocation } from "./settings.ts";
import { OLDEST_UV, uvInstaller } from "./uv.ts";
import { askIndex } from "./versions.ts";

/** Where and for what an installer is looked for. */
export interface FindContext {
  readonly paths: StatePaths;
  /** The caller's variables; uv is looked up on its PATH. */
  readonly env: NodeJS.ProcessEnv;
  readonly target: LayerTarget;
  readonly settings: InstallerSettings;
}

interface Program {
  readonly program: string;
  readonly version: string;
}

const TOOL_TIMEOUT_MS = 60_000;
const FETCH_TIMEOUT_MS = 10 * 60_000;

/**
 * Finds the installer, or gets it once: uv on PATH, else the one in `tools/`, else from the index into `tools/`; the
 * interpreter's own pip, else the newest one for it, kept in `tools/`. `auto` is uv where it can be had, else pip.
 * Usually costs a few stats: what a program's version is is remembered by its time and size.
 * @throws SKE-PKG-NO-INSTALLER
 */
export async function findInstaller(choice: InstallerChoice, context: FindContext, op: Operation): Promise<Installer> {
  const { paths, settings } = context;
  const reasons: string[] = [];
  for (const name of choice === "auto" ? (["uv", "pip"] as const) : ([choice] as const)) {
    try {
      const found = await (name === "uv" ? findUv(context, op) : findPip(context, op));
      if (reasons.length > 0) op.report({ phase: "note", detail: `using pip, for ${reasons.join("; ")}` });
      return (name === "uv" ? uvInstaller : pipInstaller)({ ...found, paths, settings });
    } catch (error) {
      if (!(error instanceof SkerryError) || error.code === "SKE-INTERRUPTED") throw error;
      reasons.push(`${name} can't be had: ${error.message}`);
    }
  }
  throw new SkerryError("SKE-PKG-NO-INSTALLER", `No installer for packages: ${reasons.join("; ")}`, {
    hint: "install uv (https://docs.astral.sh/uv/) and put it on PATH, or check that the package index can be reached",
    details: { reasons },
  });
}

async function findUv(context: FindContext, op: Operation): Promise<Program> {
  const { paths, env, settings } = context;
  const onPath = which("uv", env.PATH ?? "", process.cwd());
  if (onPath !== undefined) {
    const version = await remembered(paths, `uv ${onPath}`, onPath, () => askVersion(onPath, settings, op));
    if (version !== undefined && compare(version, OLDEST_UV) >= 0) return { program: onPath, version };
  }
  const kept = keptUv(paths);
  if (kept) return kept;
  if (settings.offline) throw new SkerryError("SKE-NETWORK", "it isn't installed, and working offline");
  using _lease = await acquireLease(paths, "tools-uv", { mode: "exclusive", timeoutMs: FETCH_TIMEOUT_MS, op });
  return keptUv(paths) ?? (await fetchUv(context, op));
}

/** The newest uv in `tools/`. Its version is in the name of its folder, which came there by one rename. */
function keptUv({ tools }: StatePaths): Program | undefined {
  const versions = list(tools).flatMap((name) => /^uv-(\d+\.\d+\.\d+)$/.exec(name)?.[1] ?? []);
  const version = versions
    .filter((one) => compare(one, OLDEST_UV) >= 0)
    .sort(compare)
    .at(-1);
  if (version === undefined) return undefined;
  const program = join(tools, `uv-${version}`, "bin", "uv");
  return existsSync(program) ? { program, version } : undefined;
}

/** Names of the folders in `tools/` with a uv that a newer one has replaced, more than a day ago: none is used any more. */
export function oldUvs({ tools }: StatePaths): string[] {
  const found = list(tools).filter((name) => /^uv-\d+\.\d+\.\d+$/.test(name));
  const newest = found.sort((a, b) => compare(a.slice(3), b.slice(3))).pop();
  if (newest === undefined || Date.now() - fileTime(statSync(join(tools, newest))) < 86_400_000) return [];
  return found;
}

async function fetchUv(context: FindContext, op: Operation): Promise<Program> {
  const { paths, settings, target } = context;
  const pip = await findPip(context, op);
  op.report({ phase: "download", detail: "uv" });
  await withScratch(paths, async (folder) => {
    const python = makeScratchPrefix(join(folder, "prefix"), target);
    const { env, args } = pipInvocation(settings);
    const made = join(folder, "uv");
    const how = ["--no-deps", "--only-binary", ":all:", "--target", made, "--progress-bar", "off"];
    const { exitCode, stdout, stderr } = await runTool(
      [python, pip.program, "install", ...how, ...args, `uv>=${OLDEST_UV}`],
      { op, cwd: folder, env: { ...env, PIP_NO_BINARY: "" }, timeoutMs: FETCH_TIMEOUT_MS },
    );
    if (exitCode !== 0) {
      throw new SkerryError(
        "SKE-TOOL",
        `pip could not install it: ${settings.redact(lastLines(`${stdout}\n${stderr}`, 3))}`,
      );
    }
    const version = await askVersion(join(made, "bin", "uv"), settings, op);
    if (version === undefined) throw new SkerryError("SKE-TOOL", "the uv from the index doesn't run on this machine");
    renameSync(made, join(paths.tools, `uv-${version}`));
  });
  const kept = keptUv(paths);
  if (!kept) throw new SkerryError("SKE-TOOL", `the index has only versions older than ${OLDEST_UV}`);
  return kept;
}

async function findPip(context: FindContext, op: Operation): Promise<Program> {
  const { paths, target } = context;
  const own = await ownPip(context, op);
  if (own) return own;
  const folder = join(paths.tools, `pip-${target.version.split(".").slice(0, 2).join(".")}`);
  const kept = keptPip(folder);
  if (kept) return kept;
  using _lease = await acquireLease(paths, "tools-pip", { mode: "exclusive", timeoutMs: FETCH_TIMEOUT_MS, op });
  return keptPip(folder) ?? (await fetchPip(context, folder, op));
}

/** pip's wheel in a folder: Python runs it without unpacking it. */
function keptPip(folder: string): Program | undefined {
  const name = list(folder).find((one) => /^pip-[\d.]+-py3-none-any\.whl$/.test(one));
  return name === undefined ? undefined : { program: join(folder, name, "pip"), version: name.split("-")[1]! };
}

async function fetchPip({ paths, target, settings }: FindContext, folder: string, op: Operation): Promise<Program> {
  op.report({ phase: "download", detail: "pip" });
  await withScratch(paths, async (temporary) => {
    const question = { fetch: "pip", folder: temporary, minimum: OLDEST_PIP };
    await askIndex(question, target.interpreter, settings, undefined, op, FETCH_TIMEOUT_MS);
    await removeTree(folder);
    renameSync(temporary, folder);
  });
  return keptPip(folder)!;
}

/** The interpreter's own pip where it is new enough: the folder of its code, which runs under any interpreter. */
async function ownPip({ paths, target, settings }: FindContext, op: Operation): Promise<Program | undefined> {
  const key = `pip ${target.interpreter}`;
  const known = readMemory(paths)[key];
  let program = known?.program;
  if (known === undefined || program === undefined || !unchanged(known)) {
    const { exitCode, stdout } = await runTool([target.interpreter, "-I", "-m", "pip", "--version"], {
      op,
      timeoutMs: TOOL_TIMEOUT_MS,
      env: settings.env,
    });
    const [, version, folder] = /^pip (\S+) from (.+) \(python/m.exec(stdout) ?? [];
    if (exitCode !== 0 || version === undefined || folder === undefined) return undefined;
    program = folder;
    remember(paths, key, { program, stamp: join(folder, "__init__.py"), version });
  }
  const version = readMemory(paths)[key]?.version;
  return version !== undefined && compare(version, OLDEST_PIP) >= 0 ? { program, version } : undefined;
}

async function askVersion(program: string, settings: InstallerSettings, op: Operation): Promise<string | undefined> {
  try {
    const { stdout } = await runTool([program, "--version"], { op, timeoutMs: TOOL_TIMEOUT_MS, env: settings.env });
    return /^uv (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch (error) {
    if (error instanceof SkerryError && error.code === "SKE-INTERRUPTED") throw error;
    return undefined;
  }
}

/** What is known of a program for as long as `stamp`, a file of it, keeps its time and size. */
interface Memory extends Program {
  readonly stamp: string;
  readonly mtimeMs: number;
  readonly size: number;
}

async function remembered(
  paths: StatePaths,
  key: string,
  program: string,
  ask: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const known = readMemory(paths)[key];
  if (known && unchanged(known)) return known.version;
  const version = await ask();
  if (version !== undefined) remember(paths, key, { program, stamp: program, version });
  return version;
}

function readMemory(paths: StatePaths): Record<string, Memory | undefined> {
  try {
    return JSON.parse(readIfExists(join(paths.tools, "installer.json")) ?? "{}") as Record<string, Memory | undefined>;
  } catch {
    return {};
  }
}

function remember(paths: StatePaths, key: string, fact: Omit<Memory, "mtimeMs" | "size">): void {
  const stat = statSync(fact.stamp);
  mkdirSync(paths.tools, { recursive: true });
  const all = { ...readMemory(paths), [key]: { ...fact, mtimeMs: fileTime(stat), size: stat.size } };
  writeAtomic(join(paths.tools, "installer.json"), `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
}

function unchanged({ stamp, mtimeMs, size }: Memory): boolean {
  const stat = statSync(stamp, { throwIfNoEntry: false });
  return stat?.size === size && isSameTime(fileTime(stat), mtimeMs);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Compares versions of numbers and dots; other parts don't count. */
function compare(a: string, b: string): number {
  const [x, y] = [a, b].map((one) => one.split(".").map((part) => Number.parseInt(part, 10) || 0)) as [
    number[],
    number[],
  ];
  for (let at = 0; at < Math.max(x.length, y.length); at++) {
    const difference = (x[at] ?? 0) - (y[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
