import type { CommandSpec } from "../grammar.ts";
import { conflicts, dryRun, environment, requirements, sources, upgrade } from "./shared.ts";

/** Verbs for the packages of an environment. */
export const PACKAGES: readonly CommandSpec[] = [
  {
    name: "install",
    summary: "Install packages in an environment",
    operands: [
      environment,
      {
        name: "REQUIREMENT",
        description: "A package, as requests or 'requests>=2,<3'",
        optional: true,
        multiple: true,
      },
    ],
    options: {
      ...requirements,
      upgrade,
      ...sources,
      ...conflicts,
      force: {
        type: "boolean",
        description: "Install although what is there doesn't fit it; check tells what is broken",
      },
      "no-deps": { type: "boolean", description: "Install without what it requires" },
      "dry-run": dryRun,
    },
    examples: [
      ["skerry install web 'django>=5' pillow", "Install packages, all or none"],
      ["skerry install web -r requirements.txt -c constraints.txt", "Install what a file names"],
      ["skerry install web 'flask<3' --resolve", "Let a bound give way where requirements exclude each other"],
    ],
    exits: "verb",
    run: () => import("../verbs/install.ts"),
  },
  {
    name: "uninstall",
    summary: "Remove packages from an environment",
    operands: [environment, { name: "PACKAGE", description: "Name of an installed package", multiple: true }],
    options: {
      force: { type: "boolean", description: "Remove it although others require it; check tells what they miss" },
      "dry-run": dryRun,
    },
    examples: [["skerry uninstall web pillow", "Remove a package and what only it needed"]],
    exits: "verb",
    run: () => import("../verbs/uninstall.ts"),
  },
  {
    name: "update",
    aliases: ["upgrade"],
    summary: "Move packages of an environment to newer versions",
    description: "To the newest that what was asked for allows; install asks for something else.",
    operands: [
      environment,
      { name: "PACKAGE", description: "Name of an installed package", optional: true, multiple: true },
    ],
    options: {
      all: { type: "boolean", description: "Update every package" },
      "dry-run": dryRun,
      ...sources,
    },
    examples: [
      ["skerry update web django", "Update one package, and others where it requires that"],
      ["skerry update web --all --dry-run", "See what could be newer"],
    ],
    exits: "verb",
    run: () => import("../verbs/update.ts"),
  },
  {
    name: "undo",
    summary: "Take the last change of an environment's packages back",
    operands: [environment],
    options: {},
    examples: [["skerry undo web", "Have the packages from before the last install, uninstall or update"]],
    exits: "verb",
    run: () => import("../verbs/undo.ts"),
  },
  {
    name: "redo",
    summary: "Make the change of packages again that was undone",
    operands: [environment],
    options: {},
    examples: [["skerry redo web", "Take an undo back"]],
    exits: "verb",
    run: () => import("../verbs/redo.ts"),
  },
  {
    name: "restore",
    summary: "Bring the packages of an environment back to an earlier state",
    operands: [environment],
    options: {
      at: {
        type: "string",
        value: "NUMBER",
        description: "The state's number, as skerry show --history lists them",
        required: true,
      },
    },
    examples: [["skerry restore web --at 3", "Have the packages of the third state"]],
    exits: "verb",
    run: () => import("../verbs/restore.ts"),
  },
  {
    name: "sync",
    summary: "Make an environment hold exactly what files name, or what its record says",
    description:
      "Without a file, what was changed by hand is reverted. With files, what isn't named is removed. A lock file (pylock.toml, uv.lock) is taken as it is, without asking for other versions; requirements keep the versions that are there where they fit.",
    operands: [environment],
    options: {
      ...requirements,
      upgrade,
      adopt: { type: "boolean", description: "Record what was changed by hand instead of reverting it" },
      "dry-run": dryRun,
      ...sources,
    },
    examples: [
      ["skerry sync web", "Revert what was installed, changed and removed by hand"],
      ["skerry sync web --adopt", "Keep it, and record it"],
      ["skerry sync web -r pylock.toml", "Install what a lock file holds, and remove the rest"],
      ["skerry sync web -r pyproject.toml --extra socks --group test", "Follow a project's own file"],
      ["skerry sync web -r requirements.txt --dry-run", "See what would change"],
    ],
    exits: "verb",
    run: () => import("../verbs/sync.ts"),
  },
  {
    name: "lock",
    summary: "Write the packages of an environment to a lock file, pylock.toml",
    operands: [environment],
    options: {
      output: {
        type: "string",
        short: "o",
        value: "FILE",
        description: "Write to this file, pylock.toml or pylock.NAME.toml; - prints it",
        complete: "file",
      },
      force: { type: "boolean", short: "f", description: "Overwrite a file that isn't a lock file" },
    },
    examples: [
      ["skerry lock web", "Write pylock.toml in this folder"],
      ["skerry lock web -o -", "Print it"],
    ],
    exits: "verb",
    run: () => import("../verbs/lock.ts"),
  },
  {
    name: "packages",
    summary: "List the packages of an environment",
    operands: [environment],
    options: {
      tree: { type: "boolean", description: "Show what requires what" },
      outdated: { type: "boolean", description: "Show only those of which there are newer versions" },
      why: { type: "string", value: "PACKAGE", description: "Show what leads to this package" },
      ...sources,
    },
    examples: [
      ["skerry packages web --json", "List them for a program"],
      ["skerry packages web --tree", "Show what requires what"],
      ["skerry packages web --why idna", "Show why a package is there"],
    ],
    exits: "verb",
    run: () => import("../verbs/packages.ts"),
  },
  {
    name: "check",
    summary:
      "Check that the packages of an environment fit each other and are as recorded, and that its Python is whole",
    operands: [environment],
    options: {
      deep: { type: "boolean", description: "Read every file of the packages, instead of comparing sizes and times" },
    },
    examples: [["skerry check web", "Exit with 1 when something is wrong"]],
    exits: "verb",
    run: () => import("../verbs/check.ts"),
  },
];
