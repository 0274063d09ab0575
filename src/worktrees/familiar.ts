import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "smol-toml";
import { SkerryError } from "../core/error.ts";
import { digest, sha256 } from "../core/json.ts";
import type { Operation } from "../core/operation.ts";
import { runGit } from "../git/run-git.ts";
import type { Worktree } from "../git/worktree.ts";
import { hashFile } from "../platform/hash-file.ts";
import { readText } from "../python/requirements-text.ts";
import type { ProjectSources } from "./sources.ts";

/** What installing a worktree's environment runs of the project. */
export interface InstallIdentity {
  /** Equal ones run the same. Kept with an environment that the user has asked for. */
  readonly id: string;
  /** Whether the worktree is exactly what the id says. */
  readonly isExact: boolean;
}

/**
 * Says what installing runs, so that what the user has run can be told from what a branch has made of it. Where nothing of
 * the project is run, these are the files that say what is installed, byte for byte. A project that is built may run
 * whatever it has: there it is all that git keeps of the worktree.
 */
export async function installIdentity(
  worktree: Pick<Worktree, "root">,
  sources: ProjectSources,
  env: Readonly<NodeJS.ProcessEnv>,
  op: Operation,
): Promise<InstallIdentity> {
  const { root } = worktree;
  const own = [join(root, "skerry.toml")].filter((path) => existsSync(path));
  const files = [...new Set([...sources.read, ...own])].sort();
  if (runsNothing(sources, files)) {
    return { id: `files ${digest(files.map((path) => [path.slice(root.length), hashFile(path)]))}`, isExact: true };
  }
  try {
    const tree = (await runGit(root, ["rev-parse", "HEAD^{tree}"], env, op)).trim();
    const changes = await runGit(root, ["--no-optional-locks", "status", "--porcelain"], env, op);
    return { id: `tree ${tree}`, isExact: changes === "" };
  } catch (error) {
    if (!(error instanceof SkerryError) || op.signal.aborted) throw error;
    // No commit yet, or no git.
    return { id: `unknown ${sha256(root)}`, isExact: false };
  }
}

/** Build backends that run nothing of a project whose pyproject.toml says all there is to say. */
const PLAIN_BACKENDS = [
  "hatchling.build",
  "flit_core.buildapi",
  "uv_build",
  "pdm.backend",
  "poetry.core.masonry.api",
  "setuptools.build_meta",
];
/** Tables of `[tool]` that such a backend reads. */
const BACKEND_TABLES = ["hatch", "flit", "pdm", "poetry", "setuptools"];
/** What in them names code of the project. */
const NAMES_CODE = /hook|script|custom|plugin|attr|cmdclass|ext-modules|dynamic|version/i;

function runsNothing({ packages }: ProjectSources, files: readonly string[]): boolean {
  const isBuilt = packages.editables.length > 0;
  return files.every((path) => {
    const text = readText(path, undefined);
    switch (basename(path)) {
      case "pyproject.toml":
        return (
          !/\bfile:|\bpath\s*=|\bworkspace\b|root:uri|requirements_files/.test(text) && (!isBuilt || isPlain(text))
        );
      case "setup.py":
      case "setup.cfg":
        return !isBuilt;
      case "uv.lock":
        return [...text.matchAll(/source = \{ (?:editable|virtual|directory|path) = "([^"]*)"/g)].every(
          ([, place]) => place === ".",
        );
      case "pylock.toml":
      case "pixi.toml":
        return !/\bpath\s*=|\bdirectory\b/.test(text);
      case "skerry.toml":
        return !text.includes("requirements_files");
      default:
        return !LOCAL_LINE.test(text);
    }
  });
}

/** A line of a requirements file that names a folder or file: an option, `file:`, a path that begins with dots, or a bare one. */
const LOCAL_LINE = /^\s*(?:-e|--editable)\b|\bfile:|(?:^|[\s@])\.{0,2}\/|^\s*[\w.][\w.-]*\/[^\s:]*\s*$/m;

function isPlain(pyproject: string): boolean {
  const {
    "build-system": build,
    project,
    tool,
  } = parse(pyproject, { maxDepth: 64 }) as Record<string, Record<string, unknown> | undefined>;
  const dynamic = project?.dynamic;
  return (
    PLAIN_BACKENDS.includes(String(build?.["build-backend"])) &&
    build?.["backend-path"] === undefined &&
    (dynamic === undefined || (Array.isArray(dynamic) && dynamic.length === 0)) &&
    BACKEND_TABLES.every((name) => !NAMES_CODE.test(JSON.stringify(tool?.[name] ?? null)))
  );
}
