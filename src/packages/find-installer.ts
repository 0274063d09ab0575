import { join } from "node:path";
import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import type { InstallerChoice } from "../core/spec.ts";
import { findTool } from "../platform/which.ts";
import type { Installer } from "./installer.ts";
import { OLDEST_PIP, pipInstaller } from "./pip.ts";
import type { InstallerSettings } from "./settings.ts";
import { recall, remember, remembered, type ToolFact } from "./tool-memory.ts";
import { pinnedTool, pipPin, type ToolRequest, uvPin } from "./tools.ts";
import { OLDEST_UV, uvInstaller } from "./uv.ts";

/** Where and for what an installer is looked for. */
export interface FindContext extends Pick<ToolRequest, "paths" | "target"> {
  /** The caller's variables; uv is looked up on its PATH. */
  readonly env: NodeJS.ProcessEnv;
  /** What the installer is given. */
  readonly settings: InstallerSettings;
  /** What it is fetched with: see {@link ToolRequest}. */
  readonly own: ToolRequest["settings"];
}

const TOOL_TIMEOUT_MS = 60_000;

/**
 * Finds the installer, or gets it once: uv on PATH, else the pinned one in `tools/`; the interpreter's own pip, else the
 * pinned one for it in `tools/` (see {@link pinnedTool}). `auto` is uv where it can be had, else pip.
 * Usually costs a few stats: what a program's version is is remembered by its time and size.
 * @throws SKE-PKG-NO-INSTALLER
 */
export async function findInstaller(choice: InstallerChoice, context: FindContext, op: Operation): Promise<Installer> {
  const { paths, settings } = context;
  const reasons: string[] = [];
  for (const name of choice === "auto" ? (["uv", "pip"] as const) : ([choice] as const)) {
    try {
      const found = await (name === "uv" ? findUv(context, op) : findPip(context, op));
      if (reasons.length > 0)
        op.tell({ kind: "progress", phase: "note", detail: `using pip, for ${reasons.join("; ")}` });
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

async function findUv(context: FindContext, op: Operation): Promise<ToolFact> {
  const { paths, env } = context;
  const onPath = findTool("uv", env.PATH);
  if (onPath !== undefined) {
    const version = await remembered(paths, `uv ${onPath}`, onPath, () => askVersion(onPath, context, op));
    if (version !== undefined && compare(version, OLDEST_UV) >= 0) return { program: onPath, version };
  }
  const pin = uvPin();
  return { program: await pinnedTool("uv", pin, toolRequest(context), op), version: pin.version };
}

async function findPip(context: FindContext, op: Operation): Promise<ToolFact> {
  const own = await ownPip(context, op);
  if (own) return own;
  const pin = pipPin(context.target.identity);
  // Python runs a wheel without unpacking it.
  return { program: join(await pinnedTool("pip", pin, toolRequest(context), op), "pip"), version: pin.version };
}

function toolRequest({ paths, target, own }: FindContext): ToolRequest {
  return { paths, target, settings: own };
}

/** The interpreter's own pip where it is new enough: the folder of its code, which runs under any interpreter. */
async function ownPip({ paths, target, settings }: FindContext, op: Operation): Promise<ToolFact | undefined> {
  const { interpreter } = target.identity;
  const key = `pip ${interpreter}`;
  let known = recall(paths, key);
  if (known === undefined) {
    const { exitCode, stdout } = await target.run([interpreter, "-I", "-m", "pip", "--version"], {
      op,
      timeoutMs: TOOL_TIMEOUT_MS,
      env: settings.env,
    });
    const [, version, folder] = /^pip (\S+) from (.+) \(python/m.exec(stdout) ?? [];
    if (exitCode !== 0 || version === undefined || folder === undefined) return undefined;
    known = { program: folder, version };
    remember(paths, key, { ...known, stamp: join(folder, "__init__.py") });
  }
  return compare(known.version, OLDEST_PIP) >= 0 ? known : undefined;
}

async function askVersion(
  program: string,
  { target, settings }: FindContext,
  op: Operation,
): Promise<string | undefined> {
  try {
    const { stdout } = await target.run([program, "--version"], { op, timeoutMs: TOOL_TIMEOUT_MS, env: settings.env });
    return /^uv (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch (error) {
    if (error instanceof SkerryError && error.code === "SKE-INTERRUPTED") throw error;
    return undefined;
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
