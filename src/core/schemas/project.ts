import { z } from "zod";
import { environmentRef, exitResult } from "./environment.ts";
import { packageChange } from "./packages.ts";
import { count, list, named, object, table, text, texts } from "./shape.ts";

/** What is known of one interpreter. */
export const interpreterFacts = named(
  "Interpreter",
  object({
    path: text,
    implementation: z.enum(["cpython", "pypy"]),
    version: text,
    versionInfo: z.tuple([count, count, count]).readonly(),
    releaseLevel: z.enum(["alpha", "beta", "candidate", "final"]),
    abi: text,
    soabi: text,
    freeThreaded: z.boolean(),
    platform: text,
    libc: text,
    prefix: text,
    execPrefix: text,
    basePrefix: text,
    baseExecPrefix: text,
    baseExecutable: text,
    stdlib: text,
    stdlibPlat: text,
    isVenv: z.boolean(),
    sitePackages: text,
    externallyManaged: z.boolean(),
    hasPip: z.boolean(),
    hasEnsurepip: z.boolean(),
    pointerBits: z.union([z.literal(32), z.literal(64)]),
    realPath: text,
    mtimeMs: z.number(),
    size: count,
  }),
);

const taskCommand = z.discriminatedUnion("kind", [
  object({ kind: z.literal("words"), argv: texts, otherwise: texts.optional() }),
  object({ kind: z.literal("shell"), script: text, args: z.enum(["behind", "none"]).optional() }),
]);

/** A task as it was written, in one form whatever file it stands in. */
export const task = named(
  "Task",
  object({
    name: text,
    source: z.enum(["project", "pyproject", "pixi", "scripts", "infrastructure", "user"]),
    file: text,
    description: text.optional(),
    command: taskCommand.optional(),
    dependsOn: texts,
    environment: z
      .union([z.literal(false), text, object({ python: text.optional(), requirements: texts.optional() })])
      .optional(),
    cwd: text,
    env: table(text),
    inputs: texts,
    outputs: texts,
    shared: z.boolean(),
    timeoutMs: count.optional(),
    problem: object({ reason: text, hint: text }).optional(),
  }),
);

/** What would be done with a task. */
export const plannedTask = named(
  "PlannedTask",
  object({ name: text, action: z.enum(["run", "skip", "group"]), argv: texts, cwd: text, shared: z.boolean() }),
);

/** What became of a task. */
export const taskOutcome = named(
  "TaskOutcome",
  object({
    name: text,
    outcome: z.enum(["succeeded", "failed", "unchanged", "stopped", "not-run"]),
    exit: exitResult.nullable(),
  }),
);

/** What is so in a worktree. */
export const worktreeReport = named(
  "WorktreeReport",
  object({
    repository: text,
    worktree: text,
    root: text,
    kind: z.enum(["main", "linked", "submodule", "separate"]),
    isWorktree: z.boolean(),
    branch: text.nullable(),
    environment: environmentRef.nullable(),
    python: object({ version: text, executable: text }).nullable(),
    isolated: z.boolean(),
    packages: list(object({ name: text, version: text.nullable(), available: z.boolean(), problem: text.nullable() })),
    checks: list(object({ check: text, ok: z.boolean(), problem: text.nullable(), repair: text.nullable() })),
    outOfDate: z.boolean(),
    notes: texts,
  }),
);

/** What became of a worktree's environment. */
export const initReport = object({
  environment: environmentRef,
  prefix: text.optional(),
  done: z.enum(["created", "synced", "repaired", "nothing"]),
  change: packageChange.optional(),
  notes: texts,
  entry: object({ file: text, script: text, changed: z.boolean() }).optional(),
  carried: object({ copied: texts, linked: texts, notes: texts }).optional(),
  pixiTasks: object({ manifest: text, added: texts }).optional(),
  hook: object({ path: text, changed: z.boolean() }).optional(),
});

/** A worktree of the repository, and what environment it has. */
export const worktreeEntry = named(
  "Worktree",
  object({
    gitDir: text,
    root: text,
    isMain: z.boolean(),
    branch: text.optional(),
    locked: text.optional(),
    isGone: z.boolean(),
    isTaken: z.boolean(),
    environment: environmentRef.nullable(),
  }),
);

/** What every worktree is told of the repository. */
export const globalSetup = object({
  source: text,
  infrastructure: object({ ansible_playbooks: texts, docker_configs: texts, shared_scripts: texts }),
  written: texts,
  unchanged: texts,
});

const place = object({ name: text, root: text });

/** Environments whose worktrees are gone or elsewhere. */
export const pruneReport = object({ removed: list(place), moved: list(place), dryRun: z.boolean() });
