import { dirname, resolve } from "node:path";
import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import type { RequirementsSpec } from "../core/spec.ts";
import type { Target } from "../core/target.ts";
import { projectFileKind } from "../python/project-files.ts";
import { projectIn, projectRequirements } from "../python/pyproject.ts";
import { readText } from "../python/requirement/text.ts";
import type { Installer } from "./installer.ts";
import { type LockFileContents, readLockFile } from "./lock-file.ts";
import { pinOf } from "./locked-line.ts";
import { type Finder, refuseUnfollowed } from "./other-tools.ts";
import { byName } from "./pylock.ts";
import { LOCK_FILE_LIMIT } from "./pylock-schema.ts";

/** What the project and lock files of a spec say. */
interface ProjectSources {
  /** Requirement lines. */
  readonly lines: readonly string[];
  /** What lock files hold; undefined without one. */
  readonly locked: LockFileContents | undefined;
}

/** What project and lock files are read with. */
export interface SourcesContext {
  /** Relative paths, and groups without a file, count from here. */
  readonly cwd: string;
  readonly target: Target;
  /** uv, which alone reads a uv.lock; asked for when there is one. */
  readonly uv: () => Promise<Installer>;
  /** By whom what a pyproject.toml asks for will be looked for. */
  readonly finder: () => Promise<Finder>;
}

/**
 * Reads pyproject.toml, pylock.toml and uv.lock files.
 * @param found.project files, relative to `cwd`
 * @param found.implied whether they are read for groups that were named without a file
 * @throws SKE-PKG-REQUIREMENT, SKE-PKG-LOCK, SKE-PKG-VERSION, SKE-PKG-HASH, and what uv fails with
 */
export async function readProjectFiles(
  { project: files, implied }: { readonly project: readonly string[]; readonly implied: boolean },
  { groups = [], extras = [] }: Pick<RequirementsSpec, "groups" | "extras">,
  { cwd, target, uv, finder }: SourcesContext,
  op: Operation,
): Promise<ProjectSources> {
  const lines: string[] = [];
  const locks: LockFileContents[] = [];
  for (const given of files) {
    const file = resolve(cwd, given);
    const kind = projectFileKind(file);
    if (kind === "pyproject") {
      // As pip reads `--group`: without the file itself, a group is only what it says.
      const project = projectIn(dirname(file));
      const own = projectRequirements(project, { groupsOnly: implied && extras.length === 0, extras, groups });
      refuseUnfollowed(project, own, await finder());
      lines.push(...own);
    } else if (kind === "pylock") {
      const text = readText(file, undefined, LOCK_FILE_LIMIT);
      locks.push(readLockFile(text, { file, folder: dirname(file), target, extras, groups }));
    } else {
      const { text, folder } = await (await uv()).exportLock!(dirname(file), target, { extras, groups }, op);
      locks.push(readLockFile(text, { file, folder, target, extras: [], groups: [] }));
    }
  }
  return { lines, locked: locks.length === 0 ? undefined : join(locks) };
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
