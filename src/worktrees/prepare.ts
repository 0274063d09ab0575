import { join, resolve } from "node:path";
import { placeAt } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import { sha256 } from "../core/json.ts";
import type { Operation } from "../core/operation.ts";
import type { Environment } from "../environments/environment.ts";
import type { Manager } from "../environments/manager.ts";
import type { Worktree } from "../git/believe.ts";
import { liesBelow } from "../platform/inside.ts";
import { acquireLease } from "../platform/lease.ts";
import { statePaths } from "../platform/paths.ts";
import { kindOf, PIXI_PROJECT } from "../project/kind.ts";
import { type Carried, carry } from "./carry.ts";
import { checkScript, writeEntry } from "./entry.ts";
import { excludeFromGit } from "./exclude.ts";
import { type InitOptions, type InitReport, initWorktree } from "./init.ts";
import { labelOf } from "./labels.ts";
import { canHold } from "./need.ts";
import { missingPixiTasks } from "./pixi-tasks.ts";
import { fillIn, writeValues } from "./values.ts";
import { vouchFor } from "./vouch.ts";

/** How long one process may be at a worktree's environment before others give up waiting, in milliseconds. */
const PATIENCE_MS = 30 * 60_000;

/** The caller's folder, variables and operation. */
interface Caller {
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly op: Operation;
}

/**
 * Makes a worktree ready to work in: its environment, the files that git doesn't bring, values of its own, and where it
 * is asked for the script that finds its Python. One process at a time: two shells may enter at the same moment.
 * @throws SKE-WORKTREE-UNUSABLE, SKE-USAGE before anything is made, and what making the environment fails with
 */
export async function prepareWorktree(
  skerry: Manager,
  worktree: Worktree,
  options: InitOptions,
  caller: Caller,
): Promise<InitReport> {
  const { cwd, op } = caller;
  refuseUnusable(worktree);
  const script = options.entry === undefined ? undefined : resolve(cwd, options.entry);
  if (script !== undefined) checkScript(worktree.root, script);
  const name = `worktree-${sha256(worktree.gitDir).slice(0, 20)}`;
  const request = { mode: "exclusive", timeoutMs: PATIENCE_MS, op } as const;
  using _lease = await acquireLease(statePaths(skerry.home), name, request);
  const made = await initWorktree(skerry, worktree, options, caller);
  const { place, spec } = made.environment.record;
  vouchFor(spec.prefix!, placeAt(place).run);
  const report = { ...made, notes: [...made.notes, ...taskNotes(worktree, made)] };
  const carried = await furnish(skerry, worktree, report.environment, caller);
  const whole = { ...report, carried, notes: [...report.notes, ...carried.notes] };
  if (script === undefined) return whole;
  const python = join(spec.prefix!, "bin/python");
  return { ...whole, entry: await writeEntry(worktree.root, script, python, op) };
}

/** That pixi's environment could be had by tasks of pixi as well: said once, where the repository begins. */
function taskNotes({ root, kind }: Worktree, { done, environment }: InitReport): string[] {
  const isFirst = done === "created" && kind === "main" && kindOf(environment.record) === PIXI_PROJECT;
  const missing = isFirst ? missingPixiTasks(root) : undefined;
  if (missing === undefined || missing.added.length === 0) return [];
  return [`skerry worktree init --pixi-tasks lets pixi run ${missing.added[0]}, and ${missing.added.length - 1} more`];
}

function refuseUnusable({ root, displaced }: Worktree): void {
  if (displaced === "copy") {
    const why = `${root} is a copy of another worktree: git would mix up what is staged in both`;
    const hint = "remove it, and make another with git worktree add";
    throw new SkerryError("SKE-WORKTREE-UNUSABLE", why, { hint });
  }
  if (!canHold(root)) {
    const why = `No virtual environment can lie in ${JSON.stringify(root)}`;
    const hint = "git worktree move it to a path without colons and line ends";
    throw new SkerryError("SKE-WORKTREE-UNUSABLE", why, { hint });
  }
}

/** What a worktree has besides an environment: files that git doesn't bring, and values of its own. */
async function furnish(
  skerry: Manager,
  worktree: Worktree,
  environment: Environment,
  { env, op }: Pick<Caller, "env" | "op">,
): Promise<Carried> {
  const config = (await skerry.config.load()).values;
  const carried = await carry(worktree, { links: config.worktree_links, env }, op);
  const { worktree_values: templates, worktree_values_file: file } = config;
  if (Object.keys(templates).length > 0) {
    const number = Number(labelOf(environment.record, "number") ?? 0);
    if (liesBelow(join(worktree.root, file), skerry.home)) {
      throw new SkerryError("SKE-CONFIG", `worktree_values_file: ${file} lies in the state folder ${skerry.home}`, {
        hint: "name another file",
      });
    }
    excludeFromGit(worktree.commonDir, [file]);
    writeValues(worktree.root, file, fillIn(templates, worktree, number));
  }
  return carried;
}
