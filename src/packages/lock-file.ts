import { eq } from "@renovatebot/pep440";
import { SkerryError } from "../core/error.ts";
import type { LockedFile, LockedPackage } from "../core/lock.ts";
import { nearest } from "../core/near.ts";
import type { Target } from "../core/target.ts";
import { evaluateMarker, holds, type MarkerEnvironment, meets } from "../python/requirement/evaluate.ts";
import { normalizeName, parseRequirement } from "../python/requirement/requirement.ts";
import { pinOf } from "./locked-line.ts";
import { byName, parsePylock, readPackage } from "./pylock.ts";
import type { Pylock } from "./pylock-schema.ts";

/** How to read a lock file. */
export interface LockFileContext {
  /** Path of the file, for errors. */
  readonly file: string;
  /** The folder that its relative paths count from. */
  readonly folder: string;
  readonly target: Target;
  readonly extras: readonly string[];
  readonly groups: readonly string[];
}

/** What a lock file holds for one interpreter. */
export interface LockFileContents {
  /** Sorted by name. */
  readonly packages: readonly LockedPackage[];
  /** Requirement lines that ask for them: those that the file tells, else one for each package. */
  readonly roots: readonly string[];
}

/** Digests that nobody can make another file for. */
const SECURE = /^(sha(224|256|384|512)|sha3_\d+|blake2[bs])$/;

/**
 * Reads a lock file (https://packaging.python.org/specifications/pylock-toml/) for one interpreter: of its packages those
 * whose markers hold.
 * @throws SKE-PKG-LOCK for a file that breaks the format, SKE-PKG-VERSION where it isn't meant for the interpreter,
 * SKE-PKG-HASH where a file has no hash
 */
export function readLockFile(text: string, context: LockFileContext): LockFileContents {
  const { file, target } = context;
  try {
    const lock = parsePylock(text);
    const environment = environmentOf(lock, context);
    checkTarget(lock, environment, context);
    const packages = lock.packages
      .filter((one) => holds(one, environment))
      .map((one) => {
        refusePython(`${one.name} ${one.version ?? ""}`.trim(), one["requires-python"], context);
        return checkFiles(readPackage(one, context.folder), file);
      })
      .sort(byName);
    const twice = packages.find((one, at) => packages[at + 1]?.name === one.name);
    if (twice) throw new Error(`more than one entry for ${twice.name} counts for Python ${target.identity.version}`);
    // What was asked for, as far as Skerry noted it there; it changes nothing of what is installed.
    const noted = lock.tool?.skerry?.requirements;
    return {
      packages,
      roots: rootsFor(noted ?? packages.filter(({ wheels, sdist }) => wheels ?? sdist).map(pinOf), packages),
    };
  } catch (error) {
    if (error instanceof SkerryError) throw error;
    throw new SkerryError("SKE-PKG-LOCK", `${file} can't be read as a lock file: ${(error as Error).message}`, {
      hint: "write it anew with the tool that made it",
      details: { file },
      cause: error,
    });
  }
}

function environmentOf(lock: Pylock, { file, target, extras, groups }: LockFileContext): MarkerEnvironment {
  const known = (what: string, asked: readonly string[], there: readonly string[]) => {
    const names = asked.map(normalizeName);
    const missing = names.find((name) => !there.includes(name));
    if (missing === undefined) return names;
    const near = nearest(missing, there);
    throw new SkerryError("SKE-PKG-REQUIREMENT", `${file} has no ${what} named ${missing}`, {
      hint: near ? `did you mean ${near}?` : there.length ? `it has ${there.join(", ")}` : "it has none",
      details: { file, name: missing },
    });
  };
  const defaults = (lock["default-groups"] ?? []).map(normalizeName);
  const named = (lock["dependency-groups"] ?? []).map(normalizeName);
  return {
    ...target.markers,
    extras: new Set(known("extra", extras, (lock.extras ?? []).map(normalizeName))),
    dependency_groups: new Set([...defaults, ...known("group", groups, [...named, ...defaults])]),
  };
}

function checkTarget(lock: Pylock, environment: MarkerEnvironment, context: LockFileContext): void {
  refusePython(context.file, lock["requires-python"], context);
  if (lock.environments?.every((marker) => !evaluateMarker(marker, environment))) {
    throw unfit(context, `${context.file} is for ${lock.environments.join(", or ")}`);
  }
}

function refusePython(what: string, requires: string | undefined, context: LockFileContext): void {
  if (requires !== undefined && !meets(context.target.identity.version, requires))
    throw unfit(context, `${what} asks for Python ${requires}`);
}

function unfit({ file, target }: LockFileContext, why: string): SkerryError {
  return new SkerryError(
    "SKE-PKG-VERSION",
    `${why}; the environment has ${target.identity.version} on ${target.identity.platform}`,
    {
      hint: "create the environment with a Python that fits, or lock anew for this one",
      details: { file },
    },
  );
}

/** Holds the entry of a package to what its files are named, and its files to having a hash. */
function checkFiles(one: LockedPackage, file: string): LockedPackage {
  for (const wheel of one.wheels ?? []) {
    const [, name, version] = /^([^-]+)-([^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl$/i.exec(wheel.name) ?? [];
    if (name === undefined || version === undefined) throw new Error(`${wheel.name} isn't the name of a wheel`);
    if (normalizeName(name) !== one.name || (one.version !== null && !eq(version, one.version)))
      throw new Error(`${wheel.name} isn't a wheel of ${one.name} ${one.version ?? ""}`);
  }
  const files: readonly LockedFile[] = [one.sdist, one.archive, ...(one.wheels ?? [])].filter(
    (each) => each !== undefined,
  );
  const bare = files.find(({ hashes }) => !Object.keys(hashes).some((kind) => SECURE.test(kind)));
  if (bare) {
    throw new SkerryError("SKE-PKG-HASH", `${file} has no SHA-256 of ${bare.name}`, {
      hint: "write it anew with the tool that made it, with hashes",
      details: { file, package: one.name },
    });
  }
  return one;
}

/**
 * Requirement lines for locked packages, sorted: the given ones, and one for each package that isn't from an index, so
 * that no later resolution looks for it there. A line that names such a package gives way to it.
 */
export function rootsFor(lines: readonly string[], packages: readonly LockedPackage[]): string[] {
  const direct = packages.filter((one) => one.archive ?? one.vcs ?? one.directory);
  const apart = new Set(direct.map(({ name }) => name));
  const rest = lines.map((line) => parseRequirement(line)).filter(({ name }) => name === undefined || !apart.has(name));
  return [...rest.map(({ text }) => text), ...direct.map(pinOf)].sort();
}
