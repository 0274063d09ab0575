import { readdirSync, renameSync } from "node:fs";
import { basename, join } from "node:path";
import type { EnvironmentRecord, Labels } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import { checkEnvironmentName, newId, plainName } from "../core/names.ts";
import type { Operation } from "../core/operation.ts";
import type { PackageChange } from "../core/package-change.ts";
import { readPointer } from "../engines/pointer.ts";
import type { Environment } from "../environments/environment.ts";
import type { Skerry } from "../environments/skerry.ts";
import { repositoryName, type Worktree } from "../git/worktree.ts";
import { exists, ioError, removeTree } from "../platform/files.ts";
import { readVenvConfig } from "../python/venv.ts";
import { buildDigest } from "./build-code.ts";
import type { Carried } from "./carry.ts";
import type { EntryReport } from "./entry.ts";
import { choiceOf, environmentOf, LABEL, labelOf } from "./labels.ts";
import { type ProjectChoice, type ProjectSources, projectSources } from "./sources.ts";
import { numberFor } from "./values.ts";

/** How to give a worktree its environment. */
export interface InitOptions extends ProjectChoice {
  /** A request for a Python, before what the project says. */
  readonly python?: string;
  /** Make it anew, whatever is there. */
  readonly force?: boolean;
  /** A script of the worktree that is to find the environment by itself, whatever Python it is started with. */
  readonly entry?: string;
  readonly signal?: AbortSignal;
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
}

/**
 * Makes the environment of a worktree what the project's files say: creates it, repairs one that was moved along, brings
 * packages up to date. The caller holds the worktree's lease. From wherever it is killed, the next call goes on.
 * @throws SKE-ENV-EXISTS when a `.venv` is there that Skerry didn't make, and whatever creating and installing fail with
 */
export async function initWorktree(
  skerry: Skerry,
  worktree: Worktree,
  options: InitOptions,
  op: Operation,
): Promise<InitReport> {
  const found = environmentOf(skerry, worktree);
  const prefix = join(worktree.root, ".venv");
  const choice = { ...choiceOf(found), ...chosen(options) };
  const sources = projectSources(worktree.root, choice);
  const state = options.force ? "unwanted" : stateOf(prefix, found);
  if (state === "foreign") throw foreignError(prefix);
  const { signal } = op;
  if (found && (state === "own" || state === "moved")) {
    const python = options.python === undefined ? {} : { python: options.python };
    const environment = await skerry.open(found.id);
    const { mended } = await environment.repair({ prefix, safe: true, ...python, signal });
    const isOld = state === "moved" || labelOf(found, "sources") !== sources.digest;
    const change = isOld ? await sync(skerry, worktree, { environment, sources, choice }, op) : undefined;
    const done = change ? "synced" : mended.length > 0 ? "repaired" : "nothing";
    return { done, environment, ...(change ? { change } : {}), notes: sources.notes };
  }
  if (found) await skerry.destroy(found.id, { force: true, signal });
  const aside = `${prefix}.skerry-old-${newId()}`;
  const wasThere = exists(prefix);
  if (wasThere) move(prefix, aside);
  try {
    const environment = await create(skerry, worktree, { prefix, sources, choice, options }, op);
    await sweep(worktree.root);
    return { done: "created", environment, notes: sources.notes };
  } catch (error) {
    if (wasThere && !exists(prefix)) move(aside, prefix);
    throw error;
  }
}

/** What stands where a worktree's environment should. */
type State = "absent" | "own" | "moved" | "stray" | "foreign" | "unwanted";

function stateOf(prefix: string, found: EnvironmentRecord | undefined): State {
  if (!exists(prefix)) return "absent";
  const id = readPointer(prefix)?.id;
  if (id === undefined) return readVenvConfig(prefix)?.values.skerry === undefined ? "foreign" : "stray";
  if (id !== found?.id) return "stray";
  if (found.spec.prefix === prefix) return "own";
  return found.spec.prefix !== undefined && readPointer(found.spec.prefix)?.id === id ? "stray" : "moved";
}

function foreignError(prefix: string): SkerryError {
  return new SkerryError("SKE-ENV-EXISTS", `${prefix} is there already, and Skerry didn't make it`, {
    hint: "skerry worktree init --force makes another in its place",
    details: { prefix },
  });
}

/** Brings packages up to what the project says, keeping versions that fit. */
async function sync(
  skerry: Skerry,
  worktree: Worktree,
  given: { readonly environment: Environment; readonly sources: ProjectSources; readonly choice: ProjectChoice },
  op: Operation,
): Promise<PackageChange> {
  const { environment, sources, choice } = given;
  const { requirements, requirements_files } = (await skerry.config()).values;
  const { files, ...rest } = sources.packages;
  const change = await environment.packages.sync({
    ...rest,
    requirements,
    files: [...requirements_files, ...files],
    signal: op.signal,
    onProgress: op.report,
  });
  await environment.label(labelsFor(worktree, sources, choice));
  return change;
}

async function create(
  skerry: Skerry,
  worktree: Worktree,
  given: {
    readonly prefix: string;
    readonly sources: ProjectSources;
    readonly choice: ProjectChoice;
    readonly options: InitOptions;
  },
  op: Operation,
): Promise<Environment> {
  const { prefix, sources, choice, options } = given;
  const python = options.python ?? (await skerry.config()).values.python ?? sources.python;
  for (let n = 1; ; n++) {
    const name = nameFor(worktree, n);
    try {
      return await skerry.create({
        name,
        prefix,
        mode: "full",
        cleanup: "never",
        ...sources.packages,
        ...(python === undefined ? {} : { python }),
        labels: {
          [LABEL.gitDir]: worktree.gitDir,
          [LABEL.commonDir]: worktree.commonDir,
          [LABEL.number]: String(numberFor(worktree.kind, numbersOf(skerry, worktree))),
          ...labelsFor(worktree, sources, choice),
        },
        keep: true,
        signal: op.signal,
        onProgress: op.report,
      });
    } catch (error) {
      const isTaken = error instanceof SkerryError && error.code === "SKE-ENV-EXISTS" && error.details.name === name;
      if (!isTaken || n === MOST_NAMES) throw error;
    }
  }
}

/** What was installed, and by which choice. */
function labelsFor({ root }: Worktree, sources: ProjectSources, choice: ProjectChoice): Labels {
  return {
    [LABEL.sources]: sources.digest,
    [LABEL.build]: buildDigest(root, sources.read),
    [LABEL.choice]: JSON.stringify(choice),
  };
}

function numbersOf(skerry: Skerry, { commonDir }: Worktree): number[] {
  const siblings = skerry.labelled(LABEL.commonDir).filter((one) => labelOf(one, "commonDir") === commonDir);
  return siblings.map((one) => Number(labelOf(one, "number")));
}

/** Repositories of one name may lie in many places. */
const MOST_NAMES = 1000;

/** `shop-feature` for the worktree `feature` of `shop`, `shop` for its main checkout; a number makes it another's. */
function nameFor({ kind, root, commonDir }: Worktree, n: number): string {
  const repository = repositoryName(commonDir);
  const whole = kind === "linked" ? `${repository}-${basename(root)}` : repository;
  const suffix = n === 1 ? "" : `-${n}`;
  return checkEnvironmentName(`${(plainName(whole) || "worktree").slice(0, 64 - suffix.length)}${suffix}`);
}

/** Removes what stood where the environment is now, also that which a killed process left. */
async function sweep(root: string): Promise<void> {
  for (const name of readdirSync(root)) if (name.startsWith(".venv.skerry-old-")) await removeTree(join(root, name));
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
