import { existsSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import { condaPackages } from "../engines/pixi/conda-packages.ts";
import type { Manager } from "../environments/manager.ts";
import { claimedCheckout, type Worktree, type WorktreeKind } from "../git/believe.ts";
import { repositoryName } from "../git/worktree.ts";
import { kindOf, PREFIXES } from "../project/kind.ts";
import { ownerOf } from "../project/pointer.ts";
import { projectIn } from "../python/pyproject.ts";
import { ask, type Look, type WorktreeCheck } from "./ask-python.ts";
import { choiceOf, environmentOf, installedSources, siblingsOf } from "./labels.ts";
import { planFor } from "./plan.ts";
import { declaredNames, type ProjectSources, projectSources } from "./sources.ts";

/** A package that the project declares. */
export interface DeclaredPackage {
  readonly name: string;
  /** Null when it isn't installed. */
  readonly version: string | null;
  readonly available: boolean;
  /** Why it can't be imported. */
  readonly problem: string | null;
}

/** What is so in a worktree. */
export interface WorktreeReport {
  readonly repository: string;
  /** The name of its folder. */
  readonly worktree: string;
  readonly root: string;
  readonly kind: WorktreeKind;
  readonly isWorktree: boolean;
  readonly branch: string | null;
  readonly environment: { readonly id: string; readonly name: string } | null;
  readonly python: { readonly version: string; readonly executable: string } | null;
  readonly isolated: boolean;
  readonly packages: readonly DeclaredPackage[];
  readonly checks: readonly WorktreeCheck[];
  /** Whether the project's files say something else than when its packages were installed last. */
  readonly outOfDate: boolean;
  /** What was seen in the project's files and left alone. */
  readonly notes: readonly string[];
}

/** Looks at a worktree's environment with that environment's own Python. Changes nothing. @throws SKE-TIMEOUT, SKE-INTERRUPTED */
export async function reportOn(
  skerry: Manager,
  worktree: Worktree,
  look: Look,
  op: Operation,
): Promise<WorktreeReport> {
  const record = await environmentOf(skerry, worktree);
  const sources = await sourcesOf(worktree, record, look.env);
  const layers = record && (await skerry.open(record.id)).facet("layers");
  const names = record && declaredNames(sources, layers?.ok ? layers.use.target.markers : undefined);
  const outOfDate = record !== undefined && installedSources(record) !== sources.digest;
  // A repository may bring a .venv, whose Python would run what it likes as soon as it is started.
  const known = new Set((await siblingsOf(skerry, worktree)).map(({ id }) => id)).add(record?.id ?? "");
  const { checks, found } = await ask(skerry, { worktree, names, known }, look, op);
  const kind = record && kindOf(record);
  const conda = kind?.isManaged ? condaChecks(join(worktree.root, kind.place), sources.conda, outOfDate) : [];
  const all = [...ownChecks(worktree, record, known), ...checks, ...conda.map(({ check }) => check)];
  const problems = all.filter(({ ok }) => !ok);
  return {
    repository: repositoryName(worktree.commonDir),
    worktree: basename(worktree.root),
    root: worktree.root,
    kind: worktree.kind,
    isWorktree: worktree.kind === "linked",
    branch: worktree.branch ?? null,
    environment: record ? { id: record.id, name: record.name } : null,
    python: found && { version: found.python.version, executable: found.python.executable },
    isolated: found !== null && problems.every(isOfPackage),
    packages: [
      ...conda.map(({ package: one }) => one),
      ...(found?.packages ?? [])
        .filter(({ own }) => !own)
        .map(({ package: name, version, problem }) => ({ name, version, available: problem === null, problem })),
    ],
    checks: all,
    outOfDate,
    notes: sources.notes,
  };
}

/** What an environment should follow. A project that can't have one now is told of, and what it has is looked at all the same. */
async function sourcesOf(
  { root }: Worktree,
  record: EnvironmentRecord | undefined,
  env: Look["env"],
): Promise<ProjectSources> {
  const choice = choiceOf(record);
  if (!record) return projectSources(projectIn(root), choice);
  try {
    return planFor(root, choice, { now: kindOf(record), env }).sources;
  } catch (error) {
    if (!(error instanceof SkerryError) || error.code !== "SKE-ENGINE-UNAVAILABLE") throw error;
    const other = projectSources(projectIn(root), choice);
    return { ...other, notes: [...other.notes, error.message] };
  }
}

/** Whether a check is of a package, rather than of what keeps the worktree apart from others. */
function isOfPackage({ check }: WorktreeCheck): boolean {
  return /^(import|package) /.test(check);
}

/** Whether conda packages are installed: few have a module of their name, many have none, so that none is imported. */
function condaChecks(prefix: string, names: readonly string[] = [], outOfDate = false) {
  const installed = condaPackages(prefix);
  return names.map((name) => {
    const version = installed.get(name.toLowerCase()) ?? null;
    const problem = version === null ? "it isn't installed" : null;
    const repair = problem && `skerry worktree init${outOfDate ? "" : " --force"}`;
    return {
      package: { name, version, available: problem === null, problem },
      check: { check: `package ${name}`, ok: problem === null, problem, repair },
    };
  });
}

/** What git and the records of environments say, which Python can't know. */
function ownChecks(
  { root, displaced, kind, commonDir }: Worktree,
  record: EnvironmentRecord | undefined,
  known: ReadonlySet<string>,
): WorktreeCheck[] {
  const failed = (check: string, problem: string, repair: string) => ({ check, ok: false, problem, repair });
  const main = kind === "main" ? claimedCheckout(commonDir) : undefined;
  const isElsewhere = main !== undefined && (!existsSync(main) || realpathSync(main) !== root);
  const copied = PREFIXES.find((place) => {
    const owner = ownerOf(join(root, place));
    return owner !== undefined && owner !== record?.id && known.has(owner);
  });
  return [
    ...(displaced === "copy"
      ? [failed("git", "it is a copy of another worktree, with which it shares index and HEAD", "git worktree add")]
      : []),
    ...(isElsewhere
      ? [
          failed(
            "git",
            `git takes the files of ${main} for its own (core.worktree)`,
            "git config --unset core.worktree",
          ),
        ]
      : []),
    ...(displaced === "moved"
      ? [failed("git", "it was moved and git doesn't know where to", "git worktree repair")]
      : []),
    ...(copied === undefined
      ? []
      : [failed("environment", `the ${copied} here is a copy of another environment's`, "skerry worktree init")]),
  ];
}
