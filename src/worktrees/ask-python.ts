import { existsSync } from "node:fs";
import { join } from "node:path";
import { SkerryError } from "../core/error.ts";
import type { FaultKind } from "../core/fault.ts";
import type { Operation } from "../core/operation.ts";
import type { Variables } from "../core/variables.ts";
import type { Manager } from "../environments/manager.ts";
import type { Worktree } from "../git/believe.ts";
import { trackedIn } from "../git/tracked.ts";
import { runTool } from "../processes/run-tool.ts";
import { PREFIXES } from "../project/kind.ts";
import { readPointer } from "../project/pointer.ts";
import { scrub } from "../python/environment-variables.ts";
import { ENTRY_SCRIPT } from "./entry-script.ts";

/** One thing that has to be so for a worktree to be apart from all others. */
export interface WorktreeCheck {
  /** What was looked at: `prefix`, `VIRTUAL_ENV`, `import requests`, `package gdal` (of conda) … */
  readonly check: string;
  readonly ok: boolean;
  /** What is wrong, and the command that mends it; null when nothing is. */
  readonly problem: string | null;
  readonly repair: string | null;
}

/** How to look. */
export interface Look {
  /** Import what is declared, rather than only look for it. */
  readonly importing: boolean;
  /** The caller's variables: those that lead Python elsewhere are a fault. */
  readonly env: Variables;
}

/** How long Python may take to import everything that is declared. */
const TIMEOUT_MS = 300_000;

interface Answer {
  readonly checks: readonly WorktreeCheck[];
  readonly found: {
    readonly python: { readonly version: string; readonly executable: string };
    readonly packages: readonly {
      readonly package: string;
      readonly version: string | null;
      readonly own: boolean;
      readonly problem: string | null;
    }[];
  } | null;
}

/** What of an environment's own decides which program is started as its Python, and what that reads first. */
const STARTS: ReadonlySet<FaultKind> = new Set(["prefix-gone", "python-link", "venv-config"]);

/** What was put in the place of an environment's Python, told without starting it. */
async function replacedIn(skerry: Manager, id: string, op: Operation): Promise<string | undefined> {
  const repair = (await skerry.open(id)).facet("repair");
  const faults = repair.ok ? await repair.use.diagnose(op) : [];
  return faults.find(({ kind }) => STARTS.has(kind))?.message;
}

interface Asked {
  readonly worktree: Worktree;
  /** Undefined: Python finds out. */
  readonly names: readonly string[] | undefined;
  /** Environments of the repository: no other's Python is started. */
  readonly known: ReadonlySet<string>;
}

/** Asks the Python that stands in a worktree; one that another has put there is never started. @throws SKE-TIMEOUT, SKE-INTERRUPTED */
export async function ask(
  skerry: Manager,
  { worktree: { root }, names, known }: Asked,
  { importing, env }: Look,
  op: Operation,
): Promise<Answer> {
  const place = PREFIXES.find((one) => existsSync(join(root, one, "bin/python")));
  const again = "skerry worktree init";
  const failed = (check: string, problem: string, repair: string): Answer => ({
    found: null,
    checks: [{ check, ok: false, problem, repair }],
  });
  if (place === undefined) return failed("environment", "the worktree has no environment of its own", again);
  const prefix = join(root, place);
  const tracked = trackedIn(prefix);
  if (tracked) return failed("environment", tracked.message, tracked.hint ?? again);
  const { id: owner, prefix: made = prefix } = readPointer(prefix) ?? {};
  if (owner === undefined || !known.has(owner)) {
    const problem = `the ${place} here isn't one that Skerry made for this repository`;
    return failed("environment", problem, `${again} --force`);
  }
  if (made !== prefix)
    return failed("environment", `the ${place} here was made as ${made}, and moved or copied`, again);
  const replaced = await replacedIn(skerry, owner, op);
  if (replaced) return failed("interpreter", replaced, again);
  const python = join(root, place, "bin/python");
  const { VIRTUAL_ENV, PYTHONPATH, PYTHONHOME } = env;
  const question = { root, names: names ?? null, import: importing, environ: { VIRTUAL_ENV, PYTHONPATH, PYTHONHOME } };
  try {
    const argv = [python, "-I", "-S", "-B", "-c", ENTRY_SCRIPT, "_report", JSON.stringify(question)] as const;
    const { exitCode, stdout, stderr } = await runTool([...argv], {
      op,
      timeoutMs: TIMEOUT_MS + 10_000,
      cwd: "/",
      env: scrub(env),
      input: ENTRY_SCRIPT,
    });
    const answer = answerIn(stdout);
    if (exitCode === 0 && answer) return answer;
    const why = stderr.trim().split("\n").at(-1) || `it ended with status ${exitCode} and no answer`;
    return failed("interpreter", `${python} fails: ${why}`, `${again} --force`);
  } catch (error) {
    if (!(error instanceof SkerryError) || error.code !== "SKE-TOOL") throw error;
    return failed("interpreter", `${python} doesn't start`, `${again} --force`);
  }
}

/** What the report printed among what programs of the environment print as Python starts and ends. */
function answerIn(stdout: string): Answer | undefined {
  const line = stdout.split("\n").findLast((one) => one.startsWith('{"about":'));
  return line === undefined ? undefined : (JSON.parse(line) as Answer);
}
