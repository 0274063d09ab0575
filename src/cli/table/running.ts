import type { CommandSpec } from "../grammar.ts";
import {
  cleanup,
  environment,
  installation,
  modes,
  python,
  requirements,
  running,
  secret,
  shellOption,
  systemSite,
  withRequirement,
} from "./shared.ts";

/** Verbs that run something in an environment. */
export const RUNNING: readonly CommandSpec[] = [
  {
    name: "run",
    summary: "Run a command with packages, in an environment made for it or taken from the cache",
    description:
      "The environment follows from the options: the same options find the same environment, so that only the first run has to install anything. Such environments are kept out of `skerry ls` (see `skerry ls --cached`) and hold no changes of their own. With a project folder (`-e DIR`, `--with ./DIR`) the environment is one for this run alone, and goes when the command ends.",
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
      cleanup: { ...cleanup, description: "With a project folder: whether the environment goes when the command ends" },
      secret,
      ...running,
    },
    examples: [
      ["skerry run -- python -V", "Run the default Python, apart from everything else"],
      ["skerry run --with requests -- python app.py", "Run a script with a package"],
      ["skerry run -e . --with pytest -- pytest -x", "Run the tests of the project in this folder, as it is now"],
      ["skerry run --secret API_TOKEN -- python sync.py", "Need a variable of yours, whose value is kept nowhere"],
      ["skerry run --python 3.12 -r requirements.txt -- pytest -x", "Run the tests of a project under one Python"],
    ],
    exits: "run",
    run: () => import("../verbs/run.ts"),
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
    run: () => import("../verbs/exec.ts"),
  },
  {
    name: "shell",
    summary: "Start a shell inside an environment",
    operands: [environment],
    options: { shell: shellOption },
    examples: [["skerry shell web", "Start your shell in the environment; leave it with exit"]],
    exits: "run",
    run: () => import("../verbs/shell.ts"),
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
    run: () => import("../verbs/activate.ts"),
  },
];
