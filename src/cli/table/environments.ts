import { LINK_MODES } from "../../core/spec.ts";
import { IMPORT_KINDS } from "../../imports/kinds.ts";
import type { CommandSpec } from "../grammar.ts";
import {
  cleanup,
  conflicts,
  dryRun,
  environment,
  installation,
  modes,
  python,
  requirements,
  secret,
  systemSite,
  withRequirement,
} from "./shared.ts";

/** Verbs that make, list and remove environments. */
export const ENVIRONMENTS: readonly CommandSpec[] = [
  {
    name: "create",
    summary: "Create an environment that is kept",
    operands: [{ name: "NAME", description: "A name for the environment", optional: true }],
    options: {
      engine: {
        type: "string",
        value: "NAME",
        description: "The engine: basic, virtualenv or pixi",
        complete: ["basic", "virtualenv", "pixi"],
      },
      python,
      with: withRequirement,
      ...requirements,
      ...modes,
      link: { type: "string", value: "HOW", description: "How package files come from the store", choices: LINK_MODES },
      ...installation,
      ...conflicts,
      "dry-run": dryRun,
      "system-site-packages": systemSite,
      "env-home": {
        type: "boolean",
        description: "Give its programs a home folder of the environment instead of yours",
      },
      prefix: {
        type: "string",
        value: "DIR",
        description: "Put the Python prefix here, such as .venv",
        complete: "folder",
      },
      env: {
        type: "string",
        multiple: true,
        value: "NAME=VALUE",
        description: "Set this variable for all that runs in it; kept as plain text in a file that only you can read",
      },
      secret,
      cleanup: { ...cleanup, description: "Whether it goes when your shell or script ends" },
      ttl: { type: "string", value: "TIME", description: "Remove it this long after its creation (2h, 7d)" },
      idle: { type: "string", value: "TIME", description: "Remove it this long after its last use (30m, 30d)" },
    },
    examples: [
      ["skerry create try --with numpy --ttl 2h", "Create one that goes by itself after two hours"],
      ["skerry create web --python 3.12 --with django", "Create an environment with a package"],
      ["skerry create api --secret API_TOKEN", "Create one that needs a variable of yours, and doesn't keep it"],
      ["skerry create app -r requirements.txt --prefix .venv", "Create one where editors look for it"],
    ],
    exits: "verb",
    run: () => import("../verbs/create.ts"),
  },
  {
    name: "ls",
    aliases: ["list"],
    summary: "List environments",
    operands: [],
    options: {
      cached: { type: "boolean", description: "List the cached environments behind skerry run" },
      engine: {
        type: "string",
        value: "NAME",
        description: "Only those of this engine",
        complete: ["basic", "virtualenv", "pixi"],
      },
    },
    examples: [["skerry ls", "List all environments"]],
    exits: "verb",
    run: () => import("../verbs/ls.ts"),
  },
  {
    name: "show",
    aliases: ["inspect"],
    summary: "Show all about an environment",
    operands: [environment],
    options: {
      history: {
        type: "boolean",
        description: "Show the states that its packages had, which undo and restore lead to",
      },
    },
    examples: [
      ["skerry show web", "Show its Python, its place, its packages and what it can do"],
      ["skerry show web --history", "Show how its packages came to be what they are"],
    ],
    exits: "verb",
    run: () => import("../verbs/show.ts"),
  },
  {
    name: "pin",
    summary: "Keep an environment from going by itself, whatever its time to live",
    operands: [environment],
    options: {},
    examples: [["skerry pin web", "Keep it until it is unpinned or removed by hand"]],
    exits: "verb",
    run: () => import("../verbs/pin.ts"),
  },
  {
    name: "unpin",
    summary: "Let the time to live of an environment count again",
    operands: [environment],
    options: {},
    examples: [["skerry unpin web", "Take a pin away"]],
    exits: "verb",
    run: () => import("../verbs/pin.ts"),
  },
  {
    name: "clone",
    summary: "Make environments like one that is there",
    description:
      "The same interpreter and packages, in a place of their own; nothing is resolved or downloaded. What was put there by hand comes along as copies. Thin, unless --full is given. Files in the original's work folder don't come along.",
    operands: [environment, { name: "NAME", description: "A name for the clone", optional: true }],
    options: {
      count: { type: "string", value: "NUMBER", description: "Make so many, called NAME-1, NAME-2 …: all or none" },
      ...modes,
    },
    examples: [
      ["skerry clone web trial", "Make one to try something in"],
      ["skerry clone web worker --count 20", "Make twenty"],
    ],
    exits: "verb",
    run: () => import("../verbs/clone.ts"),
  },
  {
    name: "repair",
    summary: "Mend an environment whose interpreter, files or folder were changed or are gone",
    description:
      "What was put there by hand beside the recorded packages stays, and so do edited configuration and certificates. Only another version of Python, which --python names, changes which packages there are.",
    operands: [{ ...environment, optional: true }],
    options: {
      all: { type: "boolean", description: "Repair every environment" },
      python: { ...python, description: "Take this interpreter; packages are resolved anew for another version" },
      deep: { type: "boolean", description: "Compare the contents of files, not only sizes and times" },
      "dry-run": { type: "boolean", description: "Only tell what is wrong; exit with 1 when something is" },
    },
    examples: [
      ["skerry repair web", "Put back what is gone or was changed"],
      ["skerry repair web --python 3.13", "Move to another Python, when its own is gone"],
      ["skerry repair --all --dry-run", "Tell what is wrong with any environment"],
    ],
    exits: "verb",
    run: () => import("../verbs/repair.ts"),
  },
  {
    name: "rm",
    aliases: ["remove", "destroy"],
    summary: "Remove environments and everything of their own",
    operands: [{ ...environment, optional: true, multiple: true }],
    options: {
      all: { type: "boolean", description: "Remove every environment; asks first" },
      force: {
        type: "boolean",
        short: "f",
        description: "Stop what still runs in them, and don't mind when there is none",
      },
    },
    examples: [
      ["skerry rm web", "Remove an environment"],
      ["skerry rm --all --yes", "Remove all of them without a question"],
    ],
    exits: "verb",
    run: () => import("../verbs/rm.ts"),
  },
  {
    name: "import",
    summary: "Create an environment from what another tool's files say",
    description:
      "The versions of a lock file (poetry.lock, Pipfile.lock) or of an environment are taken where they fit. What can't be carried over is told.",
    operands: [
      { name: "KIND", description: `What to read: ${IMPORT_KINDS.join(", ")}`, choices: IMPORT_KINDS },
      {
        name: "PATH",
        description: "The file, the folder that has it, or the environment; otherwise the current folder's",
        optional: true,
        complete: "file",
      },
    ],
    options: {
      name: { type: "string", value: "NAME", description: "A name for the environment" },
      python,
      dev: { type: "boolean", description: "Take what is only for development too" },
      without: { type: "string", multiple: true, value: "PACKAGE", description: "Leave this package out" },
      "dry-run": { type: "boolean", description: "Print the requirements and create nothing" },
    },
    examples: [
      ["skerry import pipfile --dev --name api", "Create an environment from the Pipfile here"],
      ["skerry import environment.yml --dry-run", "Show what of a conda environment PyPI would be asked for"],
      ["skerry import venv ~/old/.venv --name old", "Make an environment like a virtual environment"],
    ],
    exits: "verb",
    run: () => import("../verbs/import.ts"),
  },
];
