/** Exit statuses of every verb but run, exec, shell and task. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  refused: 5,
  unavailable: 6,
  timedOut: 7,
} as const;

/** Exit statuses of run, exec, shell and task besides the child's own. */
export const RUN_EXIT = { timedOut: 124, skerryFailed: 125, cannotExecute: 126, commandNotFound: 127 } as const;

interface CodeFacts {
  /** Exit status. */
  readonly exit: number;
  /** One sentence for the reference page. */
  readonly meaning: string;
}

/** Every error code. docs/reference/errors.md is made from this table and a test holds the two together. */
export const ERROR_CODES = {
  "SKE-USAGE": { exit: EXIT.usage, meaning: "The command line can't be understood." },
  "SKE-CONFIG": {
    exit: EXIT.usage,
    meaning: "A configuration file, variable or flag has a key or value that the schema doesn't allow.",
  },
  "SKE-CONFIG-UNTRUSTED": {
    exit: EXIT.refused,
    meaning: "A project's own file sets something that runs or redirects, and the project isn't trusted yet.",
  },
  "SKE-INTERNAL": { exit: EXIT.failed, meaning: "A fault in Skerry itself." },
  "SKE-INTERRUPTED": {
    exit: 130,
    meaning: "Stopped by Ctrl-C or by a signal; what was half done has been taken back.",
  },
  "SKE-TIMEOUT": { exit: EXIT.timedOut, meaning: "An operation or an external tool took longer than it was given." },
  "SKE-IO": {
    exit: EXIT.failed,
    meaning: "The operating system refused to read or write a file: no permission, no space, read-only.",
  },
  "SKE-TOOL": { exit: EXIT.failed, meaning: "An external tool failed; its last lines are in the message." },
  "SKE-NETWORK": { exit: EXIT.failed, meaning: "A package index or another host could not be reached." },
  "SKE-ENV-NAME": { exit: EXIT.usage, meaning: "A name that an environment can't have." },
  "SKE-ENV-NOT-FOUND": { exit: EXIT.notFound, meaning: "No environment has this name or id." },
  "SKE-ENV-AMBIGUOUS": { exit: EXIT.conflict, meaning: "The beginning of an id fits several environments." },
  "SKE-ENV-EXISTS": { exit: EXIT.conflict, meaning: "The name is taken by another environment." },
  "SKE-ENV-BUSY": {
    exit: EXIT.conflict,
    meaning: "Another process is changing the environment and didn't finish in time, or processes still run in it.",
  },
  "SKE-ENV-BROKEN": { exit: EXIT.failed, meaning: "The environment's files don't match what was recorded." },
  "SKE-ENV-LEAK": {
    exit: EXIT.failed,
    meaning: "A fresh environment isn't isolated: something from outside is on its path.",
  },
  "SKE-ENV-TRACKED": {
    exit: EXIT.refused,
    meaning: "Git tracks files of the environment, so that a branch could bring what runs in it.",
  },
  "SKE-WORKTREE-NOT-FOUND": { exit: EXIT.notFound, meaning: "The folder is in no git worktree." },
  "SKE-WORKTREE-UNKNOWN": {
    exit: EXIT.refused,
    meaning: "Only what was installed before in the repository was to be installed, and this is something else.",
  },
  "SKE-WORKTREE-UNUSABLE": {
    exit: EXIT.conflict,
    meaning: "What is here is of git, but no checkout that can have an environment of its own.",
  },
  "SKE-TASK-NOT-FOUND": {
    exit: EXIT.notFound,
    meaning: "No task has this name, or one depends on a name that none has.",
  },
  "SKE-TASK-CYCLE": { exit: EXIT.usage, meaning: "Tasks depend on each other in a circle; the message tells it." },
  "SKE-TASK-INVALID": { exit: EXIT.usage, meaning: "A task can't be run as it is written; the message says why." },
  "SKE-ENGINE-UNKNOWN": { exit: EXIT.usage, meaning: "No engine has this name." },
  "SKE-ENGINE-LOST": {
    exit: EXIT.unavailable,
    meaning: "The engine can't reach the environment, so its state is unknown; nothing of it was removed.",
  },
  "SKE-ENGINE-UNAVAILABLE": {
    exit: EXIT.unavailable,
    meaning: "The engine needs a program that this machine doesn't have.",
  },
  "SKE-PIXI-PROJECT": {
    exit: EXIT.usage,
    meaning: "There is no pixi project here, or its manifest can't be read or has no such environment.",
  },
  "SKE-FACET-ABSENT": {
    exit: EXIT.unavailable,
    meaning: "The environment's engine can't do this; the message says why.",
  },
  "SKE-LIMIT": {
    exit: EXIT.refused,
    meaning: "What was asked for exceeds a limit of the configuration; the message says which.",
  },
  "SKE-HOOK-REFUSED": { exit: EXIT.refused, meaning: "A hook refused the operation." },
  "SKE-PYTHON-REQUEST": { exit: EXIT.usage, meaning: "A request for a Python that can't be understood." },
  "SKE-PYTHON-NOT-FOUND": { exit: EXIT.notFound, meaning: "No interpreter on this machine fits the request." },
  "SKE-PYTHON-UNSUPPORTED": {
    exit: EXIT.unavailable,
    meaning: "The interpreter is older than 3.8 or isn't one that Skerry knows.",
  },
  "SKE-PYTHON-BROKEN": { exit: EXIT.failed, meaning: "The interpreter doesn't start or gives no usable answer." },
  "SKE-PKG-REQUIREMENT": { exit: EXIT.usage, meaning: "A requirement or requirements file can't be understood." },
  "SKE-PKG-LOCK": { exit: EXIT.usage, meaning: "A lock file breaks its format." },
  "SKE-PKG-NOT-FOUND": {
    exit: EXIT.notFound,
    meaning: "No package of this name is on the index, or none of this name is installed.",
  },
  "SKE-PKG-VERSION": {
    exit: EXIT.notFound,
    meaning: "The package exists, but not in this version or not for this Python and platform.",
  },
  "SKE-PKG-CONFLICT": { exit: EXIT.conflict, meaning: "Requirements exclude each other." },
  "SKE-PKG-REQUIRED": { exit: EXIT.conflict, meaning: "The package can't be removed: another one requires it." },
  "SKE-PKG-BROKEN": { exit: EXIT.failed, meaning: "A wheel or source archive is damaged or breaks its format." },
  "SKE-PKG-BUILD": {
    exit: EXIT.failed,
    meaning: "Building a package from source failed; the last lines are in the message.",
  },
  "SKE-PKG-HASH": { exit: EXIT.refused, meaning: "A file doesn't have the hash that was asked for." },
  "SKE-PKG-HISTORY": {
    exit: EXIT.notFound,
    meaning:
      "The history of an environment's packages has nothing to undo or redo, no entry of this number, or one of another Python.",
  },
  "SKE-PKG-NO-INSTALLER": { exit: EXIT.unavailable, meaning: "Neither uv nor pip can be had on this machine." },
  "SKE-STORE-DAMAGED": { exit: EXIT.failed, meaning: "Files of the store were changed after they were sealed." },
  "SKE-STATE-CORRUPT": { exit: EXIT.failed, meaning: "The database state.db is damaged." },
  "SKE-STATE-NEWER": { exit: EXIT.failed, meaning: "The state was written by a newer Skerry." },
  "SKE-STATE-OLDER": {
    exit: EXIT.failed,
    meaning: "The state was written by a Skerry from before the first release.",
  },
  "SKE-STATE-UNSAFE": {
    exit: EXIT.refused,
    meaning: "The state folder belongs to someone else, others can write to it, or it lies on a network file system.",
  },
  "SKE-LOCKED": { exit: EXIT.conflict, meaning: "A lock was not free in time; the message names who holds it." },
  "SKE-SECRET-MISSING": {
    exit: EXIT.notFound,
    meaning: "A variable that the environment has as a secret is not set, or is empty, where a command is started.",
  },
  "SKE-COMMAND-NOT-FOUND": {
    exit: EXIT.notFound,
    meaning: "The command to run doesn't exist in the environment or on PATH.",
  },
} as const satisfies Record<`SKE-${string}`, CodeFacts>;

export type ErrorCode = keyof typeof ERROR_CODES;
