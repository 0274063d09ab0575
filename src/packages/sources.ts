import { dirname, resolve } from "node:path";
import type { LayerTarget } from "../core/engine.ts";
import { SkerryError } from "../core/error.ts";
import type { Lock } from "../core/lock.ts";
import type { Operation } from "../core/operation.ts";
import type { RequirementsSpec } from "../core/spec.ts";
import { projectFileKind, splitFiles } from "../python/project-files.ts";
import { projectRequirements } from "../python/pyproject.ts";
import { parseRequirement } from "../python/requirement.ts";
import { readText } from "../python/requirements-text.ts";
import type { Installer } from "./installer.ts";
import { type LockFileContents, readLockFile } from "./lock-file.ts";
import { pinOf } from "./locked-line.ts";
import { byName } from "./pylock.ts";
import { LOCK_FILE_LIMIT } from "./pylock-schema.ts";

/** A spec whose project and lock files were read. */
export interface Sources {
  /** What is left to resolve: requirement lines and requirements files. */
  readonly requirements: RequirementsSpec;
  /** What lock files hold; undefined without one. */
  readonly locked: LockFileContents | undefined;
}

/** What {@link readSources} works with. */
export interface SourcesContext {
  /** Relative paths, and groups without a file, count from here. */
  readonly cwd: string;
  readonly target: LayerTarget;
  /** uv, which alone reads a uv.lock; asked for when there is one. */
  readonly uv: () => Promise<Installer>;
}

/**
 * Reads the pyproject.toml, pylock.toml and uv.lock files among the files of a spec.
 * @throws SKE-PKG-REQUIREMENT, SKE-PKG-LOCK, SKE-PKG-VERSION, SKE-PKG-HASH, and what uv fails with
 */
export async function readSources(
  spec: RequirementsSpec,
  { cwd, target, uv }: SourcesContext,
  op: Operation,
): Promise<Sources> {
  const { groups = [], extras = [], ...rest } = spec;
  const { project, plain, implied } = splitFiles(spec, cwd);
  const lines: string[] = [];
  const locks: LockFileContents[] = [];
  for (const given of project) {
    const file = resolve(cwd, given);
    const kind = projectFileKind(file);
    if (kind === "pyproject") {
      // As pip reads `--group`: without the file itself, a group is only what it says.
      lines.push(...projectRequirements(file, { groupsOnly: implied && extras.length === 0, extras, groups }));
    } else if (kind === "pylock") {
      const text = readText(file, undefined, LOCK_FILE_LIMIT);
      locks.push(readLockFile(text, { file, folder: dirname(file), target, extras, groups }));
    } else {
      const { text, folder } = await (await uv()).exportLock!(dirname(file), target, { extras, groups }, op);
      locks.push(readLockFile(text, { file, folder, target, extras: [], groups: [] }));
    }
  }
  return {
    requirements: { ...rest, requirements: [...spec.requirements, ...lines], files: plain },
    locked: locks.length === 0 ? undefined : join(locks),
  };
}

function join(locks: readonly LockFileContents[]): LockFileContents {
  const packages = new Map(locks[0]!.packages.map((one) => [one.name, one]));
  for (const one of locks.slice(1).flatMap((lock) => lock.packages)) {
    const other = packages.get(one.name);
    if (other && pinOf(other) !== pinOf(one)) {
      throw new SkerryError(
        "SKE-PKG-CONFLICT",
        `The lock files differ on ${one.name}: ${pinOf(other)}, ${pinOf(one)}`,
        { hint: "give one of them, or lock again what they were made from", details: { package: one.name } },
      );
    }
    packages.set(one.name, one);
  }
  return {
    packages: [...packages.values()].sort(byName),
    roots: [...new Set(locks.flatMap((lock) => lock.roots))].sort(),
  };
}

/** What to resolve where a lock file stands beside other requirements: those, with the lock's versions as requirements. */
export function withPins({ requirements, locked }: Sources): RequirementsSpec {
  const pins = (locked?.packages ?? []).map(pinOf);
  const editable = (line: string) => line.startsWith("-e ");
  return {
    ...requirements,
    requirements: [...requirements.requirements, ...pins.filter((line) => !editable(line))],
    editables: [...requirements.editables, ...pins.filter(editable).map((line) => line.slice("-e ".length))],
  };
}

/** What a lock file holds, where packages of these names were asked for before: that doesn't end with it. */
export function keepRoots({ packages, roots }: LockFileContents, names: ReadonlySet<string>): LockFileContents {
  const named = new Set(
    roots.map((line) => (line.startsWith("-e ") ? line : parseRequirement(line, { cwd: "/" }).name)),
  );
  const more = packages.filter((one) => names.has(one.name) && !named.has(one.name)).map(pinOf);
  return { packages, roots: [...new Set([...roots, ...more])].sort() };
}

/** A lock that was resolved {@link withPins}, with the files that the lock file names, and its roots instead of the pins. */
export function holdTo(lock: Lock, { packages, roots }: LockFileContents): Lock {
  const locked = new Map(packages.map((one) => [one.name, one]));
  const pins = new Set(packages.map(pinOf));
  return {
    ...lock,
    roots: [...new Set([...lock.roots.filter((line) => !pins.has(line)), ...roots])].sort(),
    packages: lock.packages.map((one) => locked.get(one.name) ?? one),
  };
}
