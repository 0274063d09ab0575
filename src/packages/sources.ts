import type { Lock } from "../core/lock.ts";
import type { Operation } from "../core/operation.ts";
import type { RequirementsSpec } from "../core/spec.ts";
import { splitFiles } from "../python/project-files.ts";
import { parseRoot, specOfRoots } from "../python/requirement/roots.ts";
import type { LockFileContents } from "./lock-file.ts";
import { pinOf } from "./locked-line.ts";
import type { SourcesContext } from "./project-sources.ts";

/** A spec whose project and lock files were read. */
export interface Sources {
  /** What is left to resolve: requirement lines and requirements files. */
  readonly requirements: RequirementsSpec;
  /** What lock files hold; undefined without one. */
  readonly locked: LockFileContents | undefined;
}

/**
 * Reads the pyproject.toml, pylock.toml and uv.lock files among the files of a spec.
 * @throws SKE-PKG-REQUIREMENT, SKE-PKG-LOCK, SKE-PKG-VERSION, SKE-PKG-HASH, and what uv fails with
 */
export async function readSources(spec: RequirementsSpec, context: SourcesContext, op: Operation): Promise<Sources> {
  const { groups, extras, ...rest } = spec;
  const { project, plain, implied } = splitFiles(spec, context.cwd);
  if (project.length === 0) return { requirements: { ...rest, files: plain }, locked: undefined };
  // With it come the schemas of lock files and a parser of TOML, which few changes need.
  const { readProjectFiles } = await import("./project-sources.ts");
  const { lines, locked } = await readProjectFiles({ project, implied }, spec, context, op);
  return { requirements: { ...rest, requirements: [...spec.requirements, ...lines], files: plain }, locked };
}

/** What to resolve where a lock file stands beside other requirements: those, with the lock's versions as requirements. */
export function withPins({ requirements, locked }: Sources): RequirementsSpec {
  const pins = specOfRoots((locked?.packages ?? []).map(pinOf));
  return {
    ...requirements,
    requirements: [...requirements.requirements, ...pins.requirements],
    editables: [...requirements.editables, ...pins.editables],
  };
}

/** What a lock file holds, where packages of these names were asked for before: that doesn't end with it. */
export function keepRoots({ packages, roots }: LockFileContents, names: ReadonlySet<string>): LockFileContents {
  const named = new Set(roots.map((line) => parseRoot(line)?.name));
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
