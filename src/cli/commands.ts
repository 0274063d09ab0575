import { INSTALLERS, LINK_MODES } from "../core/spec.ts";
import type { CommandSpec, OperandSpec, OptionSpec } from "./grammar.ts";

const environment: OperandSpec = {
  name: "ENVIRONMENT",
  description: "Name of the environment, its id, or a beginning of the id that no other shares",
  complete: "environment",
};

const python: OptionSpec = {
  type: "string",
  value: "PYTHON",
  description: "The interpreter: 3.12, '>=3.10,<3.13', pypy3.10, or a path",
  complete: "python",
};

/** What to install. */
const requirements: Record<string, OptionSpec> = {
  requirement: {
    type: "string",
    short: "r",
    multiple: true,
    value: "FILE",
    description: "Install what this requirements file names",
    complete: "file",
  },
  constraint: {
    type: "string",
    short: "c",
    multiple: true,
    value: "FILE",
    description: "Keep to the versions in this file",
    complete: "file",
  },
  editable: {
    type: "string",
    short: "e",
    multiple: true,
    value: "DIR",
    description: "Install this project so that changes to its files take effect at once",
    complete: "folder",
  },
};

const withRequirement: OptionSpec = {
  type: "string",
  multiple: true,
  value: "REQUIREMENT",
  description: "Install this package, as requests or 'requests>=2,<3'",
};

/** How it is installed. */
const installation: Record<string, OptionSpec> = {
  installer: { type: "string", value: "NAME", description: "The program that installs packages", choices: INSTALLERS },
  offline: { type: "boolean", description: "Use only what is on this machine already" },
};

const modes: Record<string, OptionSpec> = {
  thin: { type: "boolean", description: "Read packages through a layer that environments share" },
  full: { type: "boolean", description: "Give the environment package files of its own" },
};

const systemSite: OptionSpec = { type: "boolean", description: "Let the interpreter's own packages be imported too" };

/** How a command runs. */
const running: Record<string, OptionSpec> = {
  timeout: { type: "string", value: "TIME", description: "Stop the command after this time (30s, 10m) and exit 124" },
  cwd: { type: "string", value: "DIR", description: "Run the command in this folder", complete: "folder" },
  env: { type: "string", multiple: true, value: "NAME=VALUE", description: "Set this variable for the command" },
};

const shellOption: OptionSpec = {
  type: "string",
  value: "SHELL",
  description: "The shell: bash, zsh, fish, or another by name; otherwise the one in use",
  complete: ["bash", "zsh", "fish"],
};

/** Every verb, in the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "run",
    summary: "Run a command with packages, in an environment made for it or taken from the cache",
    description:
      "The environment follows from the options: the same options find the same environment, so that only the first run has to install anything. Such environments are kept out of `skerry ls` (see `skerry ls --cached`) and hold no changes of their own.",
    operands: [],
    passthrough: true,
    options: {
      with: withRequirement,
      ...requirements,
      python,
      "system-site-packages": systemSite,
      ...modes,
      ...installation,
      refresh: { type: "boolean", description: "Look for newer versions instead of using what is cached" },
      ...running,
    },
    examples: [
      ["skerry run -- python -V", "Run the default Python, apart from everything else"],
      ["skerry run --with requests -- python app.py", "Run a script with a package"],
      ["skerry run --python 3.12 -r requirements.txt -- pytest -x", "Run the tests of a project under one Python"],
    ],
    exits: "run",
    run: () => import("./commands/run.ts"),
  },
  {
    name: "create",
    summary: "Create an environment that is kept",
    operands: [{ name: "NAME", description: "A name for the environment", optional: true }],
    options: {
      engine: {
        type: "string",
        value: "NAME",
        description: "The engine: basic or virtualenv",
        complete: ["basic", "virtualenv"],
      },
      python,
      with: withRequirement,
      ...requirements,
      ...modes,
      link: { type: "string", value: "HOW", description: "How package files come from the store", choices: LINK_MODES },
      ...installation,
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
        description: "Set this variable for all that runs in it",
      },
    },
    examples: [
      ["skerry create web --python 3.12 --with django", "Create an environment with a package"],
      ["skerry create app -r requirements.txt --prefix .venv", "Create one where editors look for it"],
    ],
    exits: "verb",
    run: () => import("./commands/create.ts"),
  },
  {
    name: "exec",
    summary: "Run a command in an environment",
    operands: [environment],
    passthrough: true,
    options: running,
    examples: [
      ["skerry exec web -- python manage.py migrate", "Run a program of the environment"],
      ["skerry exec web --timeout 10m -- pytest", "Stop it when it takes longer than ten minutes"],
    ],
    exits: "run",
    run: () => import("./commands/exec.ts"),
  },
  {
    name: "shell",
    summary: "Start a shell inside an environment",
    operands: [environment],
    options: { shell: shellOption },
    examples: [["skerry shell web", "Start your shell in the environment; leave it with exit"]],
    exits: "run",
    run: () => import("./commands/shell.ts"),
  },
  {
    name: "activate",
    summary: "Print the code that makes the current shell enter an environment",
    operands: [environment],
    options: { shell: shellOption },
    examples: [
      ['eval "$(skerry activate web)"', "Enter the environment in bash or zsh; leave it with deactivate"],
      ["skerry activate web | source", "Enter the environment in fish"],
    ],
    exits: "verb",
    run: () => import("./commands/activate.ts"),
  },
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
      upgrade: { type: "boolean", short: "U", description: "Let packages that are there already get newer versions" },
      offline: installation.offline!,
    },
    examples: [
      ["skerry install web 'django>=5' pillow", "Install packages, all or none"],
      ["skerry install web -r requirements.txt -c constraints.txt", "Install what a file names"],
    ],
    exits: "verb",
    run: () => import("./commands/install.ts"),
  },
  {
    name: "uninstall",
    summary: "Remove packages from an environment",
    operands: [environment, { name: "PACKAGE", description: "Name of an installed package", multiple: true }],
    options: {},
    examples: [["skerry uninstall web pillow", "Remove a package and what only it needed"]],
    exits: "verb",
    run: () => import("./commands/uninstall.ts"),
  },
  {
    name: "packages",
    summary: "List the packages of an environment",
    operands: [environment],
    options: {},
    examples: [["skerry packages web --json", "List them for a program"]],
    exits: "verb",
    run: () => import("./commands/packages.ts"),
  },
  {
    name: "check",
    summary: "Check that the packages of an environment fit each other and that its files are as recorded",
    operands: [environment],
    options: {},
    examples: [["skerry check web", "Exit with 1 when something is wrong"]],
    exits: "verb",
    run: () => import("./commands/check.ts"),
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
        complete: ["basic", "virtualenv"],
      },
    },
    examples: [["skerry ls", "List all environments"]],
    exits: "verb",
    run: () => import("./commands/ls.ts"),
  },
  {
    name: "show",
    aliases: ["inspect"],
    summary: "Show all about an environment",
    operands: [environment],
    options: {},
    examples: [["skerry show web", "Show its Python, its place, its packages and what it can do"]],
    exits: "verb",
    run: () => import("./commands/show.ts"),
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
    run: () => import("./commands/rm.ts"),
  },
  {
    name: "events",
    summary: "Tell what happened",
    operands: [],
    options: {
      follow: { type: "boolean", short: "f", description: "Go on with what happens from now on" },
      since: {
        type: "string",
        value: "TIME",
        description: "Only the last 10m, 2h, 7d, or from a date such as 2026-05-31",
      },
      limit: { type: "string", short: "n", value: "NUMBER", description: "Only the newest so many (otherwise 50)" },
      environment: {
        type: "string",
        value: "ENVIRONMENT",
        description: "Only those of this environment",
        complete: "environment",
      },
    },
    examples: [
      ["skerry events --since 1h", "Tell what happened in the last hour"],
      ["skerry events --follow --json", "Print each event as a line of JSON when it happens"],
    ],
    exits: "verb",
    run: () => import("./commands/events.ts"),
  },
  {
    name: "python",
    summary: "List the Python interpreters of this machine, or find the one that a request means",
    operands: [
      { name: "ACTION", description: "What to do: list or find", choices: ["list", "find"] },
      {
        name: "REQUEST",
        description: "With find: 3.12, '>=3.10,<3.13', pypy3.10, or a path",
        optional: true,
        complete: "python",
      },
    ],
    options: { all: { type: "boolean", description: "With list: tell the unusable ones too, with the reason" } },
    examples: [
      ["skerry python list", "List the interpreters that can be used"],
      ["skerry python find '>=3.11'", "Print the path of the one that would be taken"],
    ],
    exits: "verb",
    run: () => import("./commands/python.ts"),
  },
  {
    name: "doctor",
    summary: "Tell what works on this machine, and what to do about the rest",
    operands: [],
    options: {},
    examples: [["skerry doctor", "Look at the engines, the installers, the state folder and the environments"]],
    exits: "verb",
    run: () => import("./commands/doctor.ts"),
  },
  {
    name: "trust",
    summary: "Let this project's own configuration set what runs or redirects",
    operands: [
      { name: "DIR", description: "The project; otherwise the current folder's", optional: true, complete: "folder" },
    ],
    options: {
      revoke: { type: "boolean", description: "Trust it no more" },
      list: { type: "boolean", description: "List what is trusted" },
    },
    examples: [
      ["skerry trust", "Trust the configuration of this project as it is now"],
      ["skerry trust --list", "List the trusted projects"],
    ],
    exits: "verb",
    run: () => import("./commands/trust.ts"),
  },
  {
    name: "completion",
    summary: "Print the code that completes skerry's commands in a shell",
    operands: [{ name: "SHELL", description: "One of bash, zsh, fish", choices: ["bash", "zsh", "fish"] }],
    options: {},
    examples: [
      ['eval "$(skerry completion bash)"', "In ~/.bashrc"],
      ['eval "$(skerry completion zsh)"', "In ~/.zshrc, after compinit"],
      ["skerry completion fish > ~/.config/fish/completions/skerry.fish", "Once, for fish"],
    ],
    exits: "verb",
    run: () => import("./commands/completion.ts"),
  },
  {
    name: "help",
    summary: "Show help for a command",
    operands: [{ name: "COMMAND", description: "A command of skerry", optional: true }],
    options: {},
    examples: [["skerry help run", "The same as skerry run --help"]],
    exits: "verb",
    run: () => import("./commands/help.ts"),
  },
  {
    name: "version",
    summary: "Print the version",
    operands: [],
    options: {},
    examples: [["skerry --version", "The same"]],
    exits: "verb",
    run: () => import("./commands/version.ts"),
  },
  {
    name: "__complete",
    summary: "Print the words that can stand at the end of a command line; for the completion code of shells",
    hidden: true,
    operands: [],
    passthrough: true,
    options: {},
    examples: [],
    exits: "verb",
    run: () => import("./commands/complete.ts"),
  },
];

/** The verb of this name or alias. */
export function findCommand(word: string): CommandSpec | undefined {
  return COMMANDS.find((spec) => spec.name === word || spec.aliases?.includes(word));
}

/** Every word that {@link findCommand} knows and that people may type. */
export function commandWords(): string[] {
  return COMMANDS.filter((spec) => !spec.hidden).flatMap((spec) => [spec.name, ...(spec.aliases ?? [])]);
}
