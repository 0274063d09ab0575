import { SkerryError } from "../../core/error.ts";
import type { Lock } from "../../core/lock.ts";
import { dropSecrets, hideSecrets } from "../../core/secrets.ts";
import { EMPTY_REQUIREMENTS, type RequirementsSpec } from "../../core/spec.ts";
import { pruneForced } from "../../packages/forced.ts";
import { readRequirements } from "../../python/requirement/files.ts";
import { normalizeName, parseRequirement } from "../../python/requirement/requirement.ts";

const EDITABLE = "-e ";
const REMOTE_FILE = "-r ";

interface Root {
  readonly line: string;
  /** Normalised; undefined where only the locked package tells it. */
  readonly name: string | undefined;
}

/** The requirements that a lock was resolved from, in a form that can be resolved again from any folder. */
export function rootsOf(lock: Lock): RequirementsSpec {
  const spec = toSpec(lock.roots.map((line) => ({ line, name: undefined })));
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
  cwd: string,
  env: Readonly<NodeJS.ProcessEnv>,
): RequirementsSpec {
  const read = readRequirements(add, cwd, env);
  const names = new Set(read.requirements.map((one) => one.name).filter((name) => name !== undefined));
  const texts = new Set(read.requirements.map((one) => hideSecrets(one.text)));
  const kept = toSpec(
    namedRoots(lock).filter(
      ({ name, line }) => !(name !== undefined && names.has(name)) && !texts.has(line.replace(EDITABLE, "")),
    ),
  );
  const forced = pruneForced(
    lock.forced,
    [...kept.requirements, ...kept.editables.map((one) => EDITABLE + one)],
    names,
  );
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
  const roots = namedRoots(lock);
  const kept = roots.filter(({ name }) => name === undefined || !names.includes(name));
  const lines = kept.map((root) => root.line);
  const forced = pruneForced(lock.forced, lines, new Set(names));
  return { ...toSpec(kept), constraints, ...(forced ? { forced } : {}) };
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
    if (line.startsWith(REMOTE_FILE)) return { line, name: undefined };
    const { name, source } = parseRequirement(line.replace(EDITABLE, ""), { cwd: "/" });
    if (name !== undefined) return { line, name };
    const place = source.kind === "path" ? source.path : "url" in source ? dropSecrets(source.url) : undefined;
    const locked = lock.packages.find(
      (one) => one.directory?.path === place || one.archive?.path === place || one.archive?.url === place,
    );
    return { line, name: locked && normalizeName(locked.name) };
  });
}

function toSpec(roots: readonly Root[]): RequirementsSpec {
  const lines = roots.map((root) => root.line);
  const those = (prefix: string) =>
    lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
  return {
    ...EMPTY_REQUIREMENTS,
    requirements: lines.filter((line) => !line.startsWith(EDITABLE) && !line.startsWith(REMOTE_FILE)),
    files: those(REMOTE_FILE),
    editables: those(EDITABLE),
  };
}
