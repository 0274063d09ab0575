// Programs that all environments share. What one request says of indexes must not choose them for the others.
import { chmodSync, existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { SkerryError } from "../core/error.ts";
import type { LayerTarget } from "../core/layer-target.ts";
import type { Operation } from "../core/operation.ts";
import type { Target } from "../core/target.ts";
import { fileTime } from "../platform/file-time.ts";
import { hashFile } from "../platform/hash-file.ts";
import { acquireLease } from "../platform/lease.ts";
import { moveFolder } from "../platform/move.ts";
import type { StatePaths } from "../platform/paths.ts";
import { libcTag } from "../platform/platform.ts";
import { removeTree, trash } from "../platform/remove.ts";
import { withScratch } from "../store/scratch.ts";
import type { InstallerSettings } from "./settings.ts";
import { remembered } from "./tool-memory.ts";
import { PIP_PINS, type ToolPin, UV_PINS } from "./tool-pins.ts";
import { askIndex } from "./versions.ts";

const FETCH_TIMEOUT_MS = 10 * 60_000;

/** How a tool is fetched. */
export interface ToolRequest {
  readonly paths: StatePaths;
  /** Its interpreter asks the index. */
  readonly target: Target;
  /** Of the user alone: variables and files of the user, nothing of a request or a project. */
  readonly settings: () => Promise<InstallerSettings>;
}

/** The uv that is pinned for this platform. @throws SKE-TOOL where none is */
export function uvPin(): ToolPin {
  const libc = libcTag().split(" ")[0] ?? "";
  const platform = `${process.platform} ${process.arch} ${libc}`.trim();
  const pin = UV_PINS.find((one) => one.for === platform);
  if (pin === undefined) throw new SkerryError("SKE-TOOL", `none is pinned for ${platform}`);
  return pin;
}

/** The newest pip that is pinned for this Python. */
export function pipPin({ version }: Pick<LayerTarget, "version">): ToolPin {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const fits = PIP_PINS.filter((one) => {
    const [least = 0, part = 0] = one.for.split(".").map(Number);
    return major > least || (major === least && minor >= part);
  });
  return fits.at(-1) ?? PIP_PINS[0]!;
}

/**
 * The path of a tool in `tools/`: uv's program, pip's wheel. It is what is pinned, byte for byte: looked at again whenever
 * its time or size is another. Fetched where it isn't there, or isn't that any more.
 * @throws SKE-TOOL, SKE-NETWORK, SKE-PKG-NOT-FOUND, SKE-LOCKED
 */
export async function pinnedTool(name: "uv" | "pip", pin: ToolPin, request: ToolRequest, op: Operation) {
  const { paths } = request;
  const path = pathOf(paths, name, pin);
  if (await isSound(paths, name, pin)) return startable(path);
  const settings = await request.settings();
  if (settings.offline) throw new SkerryError("SKE-NETWORK", "it isn't installed, and working offline");
  using _lease = await acquireLease(paths, `tools-${name}`, { mode: "exclusive", timeoutMs: FETCH_TIMEOUT_MS, op });
  if (!(await isSound(paths, name, pin))) await fetchTool(name, pin, { ...request, settings }, op);
  return startable(path);
}

/** A tool whose content is right has its mode too: an odd umask, or what copied the state, may have taken it. */
function startable(path: string): string {
  if ((statSync(path).mode & 0o500) !== 0o500) chmodSync(path, 0o700);
  return path;
}

function pathOf({ tools }: StatePaths, name: string, { version, file, program }: ToolPin): string {
  return join(tools, `${name}-${version}`, program === undefined ? file : name);
}

function expected({ program, wheel }: ToolPin): string {
  return program ?? wheel;
}

async function isSound(paths: StatePaths, name: string, pin: ToolPin): Promise<boolean> {
  const path = pathOf(paths, name, pin);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  return (await remembered(paths, `sha256 ${path}`, path, () => hashFile(path))) === expected(pin);
}

async function fetchTool(
  name: string,
  pin: ToolPin,
  { paths, target, settings }: Omit<ToolRequest, "settings"> & { readonly settings: InstallerSettings },
  op: Operation,
): Promise<void> {
  op.tell({ kind: "progress", phase: "download", detail: name });
  await withScratch(paths, op, async (folder) => {
    const member = pin.program && `${name}-${pin.version}.data/scripts/${name}`;
    const question = { fetch: name, file: pin.file, sha256: pin.wheel, folder, ...(member ? { member } : {}) };
    await askIndex(question, { target, settings, timeoutMs: FETCH_TIMEOUT_MS }, op);
    const made = join(folder, basename(pathOf(paths, name, pin)));
    if (hashFile(made) !== expected(pin)) throw new SkerryError("SKE-TOOL", `${made} isn't what it must be`);
    const place = join(paths.tools, `${name}-${pin.version}`);
    const before = trash(paths, place);
    if (before === place) await removeTree(place);
    moveFolder(folder, place);
    if (before !== undefined && before !== place) await removeTree(before);
  });
}

/** A tool in `tools/`, as `doctor` sees it. */
export interface CheckedTool {
  readonly name: string;
  readonly path: string;
  /** It is byte for byte what is pinned. */
  readonly isSound: boolean;
}

/** The pinned tools that are there, their content compared whatever their times say. */
export function checkTools(paths: StatePaths): CheckedTool[] {
  const pins = [...uvPins().map((pin) => ["uv", pin] as const), ...PIP_PINS.map((pin) => ["pip", pin] as const)];
  return pins.flatMap(([name, pin]) => {
    const path = pathOf(paths, name, pin);
    if (!existsSync(path)) return [];
    return [{ name: `${name} ${pin.version}`, path, isSound: hashFile(path) === expected(pin) }];
  });
}

/** Names of the folders in `tools/` with a tool that isn't pinned any more, more than a day old: none is used. */
export function oldTools({ tools }: StatePaths): string[] {
  const pinned = [
    ...uvPins().map(({ version }) => `uv-${version}`),
    ...PIP_PINS.map(({ version }) => `pip-${version}`),
  ];
  const found = list(tools).filter((name) => /^(uv|pip)-[\d.]+$/.test(name) && !pinned.includes(name));
  return found.filter((name) => Date.now() - fileTime(statSync(join(tools, name))) >= 86_400_000);
}

function uvPins(): ToolPin[] {
  try {
    return [uvPin()];
  } catch {
    return [];
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
