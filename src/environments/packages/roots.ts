import { SkerryError } from "../../core/error.ts";
import type { Lock } from "../../core/lock.ts";
import { dropSecrets, hideSecrets } from "../../core/secrets.ts";
import type { RequirementsSpec } from "../../core/spec.ts";
import { pruneForced } from "../../packages/forced.ts";
import { readRequirements } from "../../python/requirement/files.ts";
import type { Requirement } from "../../python/requirement/requirement.ts";
import { parseRoot, specOfRoots } from "../../python/requirement/roots.ts";

interface Root {
  readonly line: string;
  /** Undefined for the address of a file. */
  readonly requirement: Requirement | undefined;
  /** Normalised; undefined where only the locked package tells it. */
  readonly name: string | undefined;
}

/** The requirements that a lock was resolved from, in a form that can be resolved again from any folder. */
export function rootsOf(lock: Lock): RequirementsSpec {
  const spec = specOfRoots(lock.roots);
  return lock.forced ? { ...spec, forced: lock.forced } : spec;
}

/** Normalised names of the packages that were asked for. */
export function rootNames(lock: Lock): Set<string> {
  return new Set(namedRoots(lock).flatMap(({ name }) => (name === undefined ? [] : [name])));
}

/**
 * The roots of a lock with more of them; one that names a package again takes the place of the earlier one.
 * @param constraints files that counted before and go on counting
 * @throws SKE-PKG-REQUIREMENT
 */
export function addRoots(
  lock: Lock,
  constraints: readonly string[],
  add: RequirementsSpec,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<NodeJS.ProcessEnv> },
): RequirementsSpec {
  const read = readRequirements(add, cwd, env);
  const names = new Set(read.requirements.map((one) => one.name).filter((name) => name !== undefined));
  const texts = new Set(read.requirements.map((one) => hideSecrets(one.text)));
  const lines = namedRoots(lock)
    .filter(({ name, requirement }) => !(name && names.has(name)) && !(requirement && texts.has(requirement.text)))
    .map(({ line }) => line);
  const kept = specOfRoots(lines);
  const forced = pruneForced(lock.forced, lines, names);
  return {
    ...(forced ? { forced } : {}),
    requirements: [...kept.requirements, ...add.requirements],
    files: [...kept.files, ...add.files],
    constraints: [...new Set([...constraints, ...add.constraints])],
    editables: [...kept.editables, ...add.editables],
  };
}

/** The roots of a lock without those of these names. */
export function removeRoots(lock: Lock, constraints: readonly string[], names: readonly string[]): RequirementsSpec {
  const kept = namedRoots(lock).filter(({ name }) => name === undefined || !names.includes(name));
  const lines = kept.map(({ line }) => line);
  const forced = pruneForced(lock.forced, lines, new Set(names));
  return { ...specOfRoots(lines), constraints, ...(forced ? { forced } : {}) };
}

/** What is asked for, as on a command line, passwords taken out. */
export function inWords({ requirements, ...lists }: RequirementsSpec): string {
  const { files, constraints, editables, groups = [], extras = [] } = lists;
  const options = (name: string, values: readonly string[]) => values.map((value) => `${name} ${value}`);
  const places = [...options("-r", files), ...options("-c", constraints), ...options("-e", editables)];
  return [...requirements, ...places, ...options("--extra", extras), ...options("--group", groups)]
    .map(hideSecrets)
    .join(" ");
}

/** @throws SKE-PKG-NOT-FOUND for the first of these names that a lock hasn't got */
export function refuseAbsent(
  lock: Lock,
  names: readonly string[],
  doing: "remove" | "update",
  environment: string,
): void {
  const name = names.find((wanted) => !lock.packages.some((one) => one.name === wanted));
  if (name === undefined) return;
  const place = doing === "remove" ? "from" : "in";
  throw new SkerryError("SKE-PKG-NOT-FOUND", `Could not ${doing} ${name} ${place} ${environment}: it isn't installed`, {
    hint: `skerry packages ${environment} lists what is`,
    details: { package: name },
  });
}

/** The lines that a lock was resolved from, each with the name of its package. */
export function namedRoots(lock: Lock): Root[] {
  return lock.roots.map((line) => {
    const requirement = parseRoot(line);
    return { line, requirement, name: requirement && (requirement.name ?? lockedName(lock, requirement)) };
  });
}

function lockedName({ packages }: Lock, { source }: Requirement): string | undefined {
  const place = source.kind === "path" ? source.path : "url" in source ? dropSecrets(source.url) : undefined;
  return packages.find(
    ({ directory, archive }) => directory?.path === place || archive?.path === place || archive?.url === place,
  )?.name;
}
