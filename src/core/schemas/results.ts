import { z } from "zod";
import { ERROR_CODES, type ErrorCode } from "../error-codes.ts";
import { cachedEnvironment, environmentRecord, environmentRef, exitResult, facet, processRow } from "./environment.ts";
import { recordedEvent } from "./events.ts";
import {
  chainLink,
  historyEntry,
  installedPackage,
  outdatedPackage,
  packageChange,
  packageNode,
  plannedChange,
  relaxedRequirement,
} from "./packages.ts";
import {
  globalSetup,
  initReport,
  interpreterFacts,
  plannedTask,
  pruneReport,
  task,
  taskOutcome,
  worktreeEntry,
  worktreeReport,
} from "./project.ts";
import { checkReport, collectionReport, doctorReport, packageDrift, repairReport } from "./repair.ts";
import { anything, count, list, named, object, table, text, texts, time } from "./shape.ts";

/** One document: the members of the result beside the number of this format. */
function document(...shapes: readonly z.core.$ZodLooseShape[]) {
  return z.strictObject({ schema: z.literal(1), ...Object.assign({}, ...shapes) });
}

const shapeOf = <S extends z.core.$ZodShape>(schema: z.ZodReadonly<z.ZodObject<S>>): S => schema.unwrap().shape;

/** An error as every verb tells it. */
export const error = named(
  "Error",
  object({
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    message: text,
    hint: text.optional(),
    details: table(anything).optional(),
  }),
);

/** What a verb prints that failed. */
export const FAILURE = document({ error });

/** What `--help` prints. */
export const HELP = document({ help: text });

const environment = { environment: environmentRecord };
const about = { environment: environmentRef };
const run = named("CommandResult", document(shapeOf(exitResult)));
const changed = named(
  "ChangeResult",
  document(about, { dryRun: z.literal(false) }, shapeOf(packageChange), { drift: packageDrift }),
);
// What isn't there yet has a name at most.
const planned = named(
  "PlanResult",
  document(
    { environment: object({ id: text.optional(), name: text }), dryRun: z.literal(true) },
    shapeOf(plannedChange),
  ),
);
const origin = object({
  source: z.enum(["flag", "variable", "project", "pyproject", "user", "default"]),
  label: text,
  path: text.optional(),
  line: count.optional(),
});
const setting = object({ file: text, key: text, value: anything });
const script = named("ScriptResult", document({ shell: text, script: text }));

/**
 * What verbs print with `--json` when they have done what they were asked, by the words and options that ask for it. Each
 * title begins with the name of its verb.
 */
export const RESULTS: Readonly<Record<string, z.ZodType>> = {
  run,
  exec: run,
  shell: run,
  activate: document({ shell: text, code: text }),
  create: document(environment, { relaxed: list(relaxedRequirement).optional() }),
  "create --dry-run": planned,
  ls: document({ environments: list(environmentRecord) }),
  "ls --cached": document({ environments: list(cachedEnvironment) }),
  show: document(environment, {
    facets: table(facet),
    packages: list(installedPackage),
    processes: list(processRow),
    problems: texts,
    drift: packageDrift,
  }),
  "show --history": document(about, { history: list(historyEntry) }),
  pin: document(environment),
  unpin: document(environment),
  clone: document({ environments: list(environmentRecord) }),
  repair: document({ environments: list(repairReport), errors: list(error) }),
  rm: document({ removed: texts, errors: list(error) }),
  import: document(environment, { source: text, notes: texts }),
  "import --dry-run": document({
    import: object({
      source: text,
      python: text.nullable(),
      requirements: texts,
      files: texts,
      editables: texts,
      versions: table(text),
      notes: texts,
    }),
  }),
  install: changed,
  "install --dry-run": planned,
  uninstall: changed,
  "uninstall --dry-run": planned,
  update: changed,
  "update --dry-run": planned,
  undo: changed,
  redo: changed,
  restore: changed,
  sync: document(shapeOf(repairReport), { dryRun: z.boolean() }),
  "sync -r FILE, sync --adopt": changed,
  "sync -r FILE --dry-run, sync --adopt --dry-run": planned,
  lock: document(about, {
    file: text.optional(),
    text: text.optional(),
    packages: list(object({ name: text, version: text.nullable() })),
  }),
  packages: document(about, { packages: list(installedPackage) }),
  "packages --tree": document(about, { tree: list(packageNode) }),
  "packages --outdated": document(about, { outdated: list(outdatedPackage) }),
  "packages --why": document(about, { chains: list(list(chainLink)) }),
  check: document(about, shapeOf(checkReport)),
  "worktree status, worktree verify": document(shapeOf(worktreeReport)),
  "worktree init": document(shapeOf(initReport)),
  "worktree list": document({ worktrees: list(worktreeEntry) }),
  "worktree prune": document(shapeOf(pruneReport)),
  "worktree global-setup": document(shapeOf(globalSetup)),
  hook: script,
  shims: document({ folder: text, names: texts, isOnPath: z.boolean(), hiddenBy: texts }),
  task: document({ tasks: list(task) }),
  "task NAME": document({ tasks: list(taskOutcome) }),
  "task NAME --dry-run": document({ tasks: list(plannedTask) }),
  events: document({ events: list(recordedEvent) }),
  "events --follow": document({ event: recordedEvent }),
  "python list": document({ found: list(interpreterFacts), rejected: list(object({ path: text, reason: text })) }),
  "python find": document({ python: interpreterFacts }),
  doctor: document(shapeOf(doctorReport)),
  gc: document(shapeOf(collectionReport)),
  trust: document({
    trusted: object({ projectRoot: text, digests: texts, settings: list(setting) }).nullable(),
  }),
  "trust --revoke": document({ revoked: z.boolean() }),
  "trust --list": document({
    trusted: list(object({ projectRoot: text, digest: text, keys: texts, at: time })),
  }),
  "config show": document({
    config: table(object({ value: anything, origin })),
    files: list(object({ path: text, kind: z.enum(["project", "pyproject", "user"]) })),
    trusted: z.boolean(),
  }),
  "config get": document({ key: text, value: anything, origin }),
  "config set, config unset": document({ key: text, file: text, changed: z.boolean() }),
  "config init": document({ file: text, template: text }),
  completion: script,
  help: HELP,
  version: document({ version: text }),
};
