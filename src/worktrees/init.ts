import { readdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Labels } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import { newId } from "../core/names.ts";
import type { Operation } from "../core/operation.ts";
import type { PackageChange } from "../core/package-change.ts";
import type { Variables } from "../core/variables.ts";
import type { Environment } from "../environments/environment.ts";
import type { Manager } from "../environments/manager.ts";
import type { Worktree } from "../git/believe.ts";
import { refuseTracked } from "../git/tracked.ts";
import { exists, ioError } from "../platform/files.ts";
import { removeTree } from "../platform/remove.ts";
import { kindOf } from "../project/kind.ts";
import type { Carried } from "./carry.ts";
import type { EntryReport } from "./entry.ts";
import { installIdentity } from "./familiar.ts";
import { choiceOf, environmentOf, environmentsOf, LABEL, labelOf, siblingsOf } from "./labels.ts";
import { addPixiTasks, type PixiTasksReport } from "./pixi-tasks.ts";
import { planFor, type WorktreePlan } from "./plan.ts";
import type { ProjectChoice, ProjectSources } from "./sources.ts";
import { foreignError, refuseGroups, refuseUninstallable, stateOf, unknownError } from "./standing.ts";
import { nameFor, numberFor } from "./values.ts";

/** How to give a worktree its environment. */
export interface InitOptions extends ProjectChoice {
  /** A request for a Python, before what the project says. */
  readonly python?: string | undefined;
  /** Make it anew, whatever is there. */
  readonly force?: boolean;
  /** Only where the user has installed the very same in a worktree of this repository before. */
  readonly known?: boolean;
  /** A script of the worktree that is to find the environment by itself, whatever Python it is started with. */
  readonly entry?: string | undefined;
  /** Add tasks for Skerry to the manifest of a pixi project. */
  readonly pixiTasks?: boolean;
}

/** What became of a worktree's environment. */
export interface InitReport {
  readonly done: "created" | "synced" | "repaired" | "nothing";
  readonly environment: Environment;
  /** What changed of the packages that were there. */
  readonly change?: PackageChange;
  readonly notes: readonly string[];
  readonly entry?: EntryReport;
  readonly carried?: Carried;
  readonly pixiTasks?: PixiTasksReport;
}

/**
 * Makes the environment of a worktree what the project's files say: creates it, repairs one that was moved along, brings
 * packages up to date. The caller holds the worktree's lease. From wherever it is killed, the next call goes on.
 * @param caller.env by which pixi is found
 * @throws SKE-ENV-EXISTS when a `.venv` is there that Skerry didn't make, or made for another environment, SKE-ENV-TRACKED where git tracks it, and whatever creating and installing fail with
 */
export async function initWorktree(
  skerry: Manager,
  worktree: Worktree,
  options: InitOptions,
  caller: { readonly env: Variables; readonly op: Operation },
): Promise<InitReport> {
  const { env, op } = caller;
  const found = await environmentOf(skerry, worktree);
  const choice = { ...choiceOf(found), ...chosen(options) };
  const now = found && !options.force ? kindOf(found) : undefined;
  const plan = planFor(worktree.root, choice, { now, env });
  const { prefix, sources } = plan;
  const { title, isManaged } = plan.kind;
  refuseTracked(prefix);
  if (isManaged) refuseGroups(title, options);
  if (!isManaged && sources.packages.editables.length > 0) refuseUninstallable(worktree.root);
  const siblings = await siblingsOf(skerry, worktree);
  // Nothing is asked of git, either, in a repository that the user has installed nothing of.
  if (options.known && (siblings.length === 0 || worktree.displaced)) throw unknownError(worktree, undefined);
  const { id: build, problem } = await installIdentity(worktree, plan, env, op);
  const isKnown = siblings.some((one) => labelOf(one, "build") === build);
  if (options.known && !isKnown) throw unknownError(worktree, problem);
  // Known before anything is installed: what is changed meanwhile was not what the user has let run.
  const labels = { [LABEL.sources]: sources.digest, [LABEL.build]: build, [LABEL.choice]: JSON.stringify(choice) };
  const state = options.force ? "unwanted" : stateOf(plan, found);
  if (state === "foreign") throw foreignError(prefix);
  if (options.pixiTasks) {
    // Nothing is refused any more, and they are Skerry's own: the manifest that has them is what is installed.
    const pixiTasks = await addPixiTasks(worktree.root);
    return {
      ...(await initWorktree(skerry, worktree, { ...options, pixiTasks: false, known: false }, caller)),
      pixiTasks,
    };
  }
  const on = { signal: op.signal, onEvent: op.tell };
  if (found && (state === "own" || state === "moved")) {
    const environment = await skerry.open(found.id);
    const { python } = options;
    const { mended } = await environment.repair({ prefix, safe: !isManaged, python, ...on });
    const { gitDir, commonDir } = worktree;
    if (labelOf(found, "gitDir") !== gitDir)
      await environment.label({ [LABEL.gitDir]: gitDir, [LABEL.commonDir]: commonDir });
    const isOld = !isManaged && (state === "moved" || labelOf(found, "sources") !== sources.digest);
    const change = isOld ? await sync(skerry, { environment, sources, labels }, op) : undefined;
    if (change === undefined && labelOf(environment.record, "build") !== build)
      await environment.label({ [LABEL.build]: build });
    const isSynced = change !== undefined || mended.some((kind) => kind === "project-changed");
    const done = isSynced ? "synced" : mended.length > 0 ? "repaired" : "nothing";
    return { done, environment, ...(change ? { change } : {}), notes: sources.notes };
  }
  // One that another tool takes the place of stays until that has succeeded.
  const isElsewhere = found?.spec.prefix !== undefined && found.spec.prefix !== prefix && exists(found.spec.prefix);
  if (found && !isElsewhere) await skerry.destroy(found.id, { force: true, ...on });
  const aside = `${prefix}.skerry-old-${newId()}`;
  const wasThere = state !== "takeable" && exists(prefix);
  if (wasThere) move(prefix, aside);
  try {
    const environment = await create(skerry, worktree, { ...plan, labels, options }, op);
    await sweep(prefix);
    for (const former of await environmentsOf(skerry, worktree))
      if (former.id !== environment.id) await skerry.destroy(former.id, { force: true, ...on });
    return { done: "created", environment, notes: sources.notes };
  } catch (error) {
    if (wasThere && !exists(prefix)) move(aside, prefix);
    throw error;
  }
}

/** Brings packages up to what the project says, keeping versions that fit. */
async function sync(
  skerry: Manager,
  given: { readonly environment: Environment; readonly sources: ProjectSources; readonly labels: Labels },
  op: Operation,
): Promise<PackageChange> {
  const { environment, sources, labels } = given;
  const { requirements, requirements_files } = (await skerry.config.load()).values;
  const { files, requirements: own = [], ...rest } = sources.packages;
  const change = await environment.packages.sync({
    ...rest,
    requirements: [...requirements, ...own],
    files: [...requirements_files, ...files],
    signal: op.signal,
    onEvent: op.tell,
  });
  await environment.label(labels);
  return change;
}

async function create(
  skerry: Manager,
  worktree: Worktree,
  given: WorktreePlan & { readonly labels: Labels; readonly options: InitOptions },
  op: Operation,
): Promise<Environment> {
  const { kind, prefix, sources, labels, options } = given;
  const { engine } = kind;
  const configured = kind.isManaged ? undefined : (await skerry.config.load()).values.python;
  const python = options.python ?? configured ?? sources.python;
  const numbers = (await siblingsOf(skerry, worktree)).map((one) => Number(labelOf(one, "number")));
  for (let n = 1; ; n++) {
    const name = nameFor(worktree, n);
    try {
      return await skerry.create({
        name,
        ...(engine === undefined ? {} : { engine }),
        prefix,
        mode: "full",
        cleanup: "never",
        ...sources.packages,
        ...(python === undefined ? {} : { python }),
        labels: {
          [LABEL.gitDir]: worktree.gitDir,
          [LABEL.commonDir]: worktree.commonDir,
          [LABEL.number]: String(numberFor(worktree.kind, numbers)),
          ...labels,
        },
        keep: true,
        signal: op.signal,
        onEvent: op.tell,
      });
    } catch (error) {
      const isTaken = error instanceof SkerryError && error.code === "SKE-ENV-EXISTS" && error.details.name === name;
      if (!isTaken || n === MOST_NAMES) throw error;
    }
  }
}

/** Repositories of one name may lie in many places. */
const MOST_NAMES = 1000;

/** Removes what stood where the environment is now, also that which a killed process left. */
async function sweep(prefix: string): Promise<void> {
  const [folder, former] = [dirname(prefix), `${basename(prefix)}.skerry-old-`];
  for (const name of readdirSync(folder)) if (name.startsWith(former)) await removeTree(join(folder, name));
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    throw ioError("move", from, error);
  }
}

function chosen({ groups, extras }: InitOptions): ProjectChoice {
  return { ...(groups ? { groups } : {}), ...(extras ? { extras } : {}) };
}
