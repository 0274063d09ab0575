import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import type { Forced, Lock } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import type { RelaxedRequirement } from "../../core/package-change.ts";
import { asksForPackages, type RequirementsSpec } from "../../core/spec.ts";
import { addForced } from "../../packages/forced.ts";
import { rootLines } from "../../packages/request-lines.ts";
import { readRequirements } from "../../python/requirement/files.ts";
import type { Context } from "../context.ts";
import { homeOf } from "./home.ts";
import { conflictOf, resolveRelaxed } from "./relaxed.ts";
import { resolvePackages, sourcesOf } from "./resolve.ts";
import { addRoots, inWords, rootNames } from "./roots.ts";

/** What may be done where requirements exclude each other. */
export interface ConflictChoices {
  /** Take the least change of a bound with which it fits; the result says which. */
  readonly resolve?: boolean;
  /** Install what is asked for now with what it requires, although others don't fit it. */
  readonly force?: boolean;
  /** Install what is asked for now without what it requires. */
  readonly noDeps?: boolean;
  /** Requirement lines that take the place of all others on their packages, now and later; only uv has such. */
  readonly overrides?: readonly string[];
}

/** An environment, and the lock of the packages that it has. */
export interface Locked {
  readonly record: EnvironmentRecord;
  readonly lock: Lock;
}

/** What packages an environment moves to. */
export interface NextPackages {
  readonly lock: Lock;
  readonly constraints: readonly string[];
  /** In the words of the command line. */
  readonly asked: string;
  readonly relaxed?: readonly RelaxedRequirement[];
}

/** What is asked for besides, and how to get it. */
interface Adding extends ConflictChoices {
  readonly add: RequirementsSpec;
  readonly upgrade?: readonly string[] | "all" | undefined;
}

/** Resolves the packages of an environment with more that is asked for. Changes nothing. */
export async function resolveInstall(
  context: Context,
  { record, lock }: Locked,
  { add, ...how }: Adding,
  op: Operation,
): Promise<NextPackages> {
  const { resolve = false, force = false, noDeps = false, upgrade } = how;
  const overrides = (how.overrides ?? []).map((line) => context.credentials.hide(line));
  if ([resolve, force, noDeps].filter(Boolean).length > 1) {
    throw new SkerryError(
      "SKE-USAGE",
      `Could not install in ${record.name}: resolve, force and noDeps exclude each other`,
      {
        hint: "give one of them",
      },
    );
  }
  const { cwd, env } = context;
  const { target } = homeOf(context, record);
  const { keepRoots, withPins } = await import("../../packages/sources.ts");
  const sources = await sourcesOf(context, target, { ...record.spec, packages: add }, op);
  const all = withPins(sources);
  const { forced: before, ...packages } = addRoots(lock, record.spec.packages.constraints, all, context);
  const locked = sources.locked && keepRoots(sources.locked, rootNames(lock));
  const added = rootLines(readRequirements(all, cwd, env));
  const command = { verb: "install", environment: record.name, decided: force, ...add } as const;
  if (!asksForPackages(packages)) return { lock, constraints: packages.constraints, asked: "" };
  const resolveWith = (more: Forced, relaxed: readonly RelaxedRequirement[] = []) => {
    const forced = addForced(before, more);
    const spec = { ...record.spec, packages: forced ? { ...packages, forced } : packages };
    const options = {
      preferences: lock,
      command,
      relaxed,
      ...(upgrade ? { upgrade } : {}),
      ...(locked ? { locked } : {}),
    };
    return resolvePackages(context, { target, spec }, options, op);
  };
  const asked = [...flags({ ...how, overrides }), inWords(add)].join(" ");
  const rest = { constraints: packages.constraints, asked };
  if (resolve) {
    const found = await resolveRelaxed((relaxed) => resolveWith({ overrides }, relaxed));
    return { ...rest, lock: found.resolution.lock, ...(found.relaxed.length > 0 ? { relaxed: found.relaxed } : {}) };
  }
  if (noDeps) return { ...rest, lock: (await resolveWith({ overrides, noDeps: added })).lock };
  try {
    return { ...rest, lock: (await resolveWith({ overrides })).lock };
  } catch (error) {
    if (!force || !(error instanceof SkerryError) || !/^SKE-PKG-(CONFLICT|VERSION)$/.test(error.code)) throw error;
    // Those that clash go alone; where it isn't known which, all of what is asked for now.
    const clashing = conflictOf(error)?.drop.map((one) => one.requirement) ?? [];
    const some = clashing.length > 0 && clashing.every((line) => added.includes(line)) ? clashing : added;
    return { ...rest, lock: (await resolveWith({ overrides, alone: some })).lock };
  }
}

function flags({ resolve, force, noDeps, overrides = [], upgrade }: Omit<Adding, "add">): string[] {
  return [
    ...(upgrade === "all" ? ["--upgrade"] : []),
    ...(resolve ? ["--resolve"] : []),
    ...(force ? ["--force"] : []),
    ...(noDeps ? ["--no-deps"] : []),
    ...overrides.map((line) => `--override ${line}`),
  ];
}
