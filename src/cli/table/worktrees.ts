import type { CommandSpec } from "../grammar.ts";
import { AGAIN, HOOK_SHELLS } from "../hook/shells.ts";
import { requirements } from "./shared.ts";

/** What `skerry worktree` can do. */
export const WORKTREE_ACTIONS = ["status", "verify", "init", "list", "prune", "global-setup"] as const;

/** What `skerry shims` can do. */
export const SHIM_ACTIONS = ["list", "install", "remove"] as const;

/** Verbs for git worktrees. */
export const WORKTREES: readonly CommandSpec[] = [
  {
    name: "worktree",
    aliases: ["wt"],
    summary: "Give each git worktree its own environment",
    description:
      "What the environment holds is read from the project: uv.lock, pylock.toml, pyproject.toml with its dependency groups, requirements files, .python-version and skerry.toml. It is the worktree's .venv, with the project installed from this worktree. In a project with a pixi.toml it is pixi's default environment instead, where pixi is on this machine.",
    operands: [
      {
        name: "ACTION",
        description: `What to do: ${WORKTREE_ACTIONS.join(", ")}`,
        choices: WORKTREE_ACTIONS,
        optional: true,
      },
    ],
    options: {
      group: requirements.group!,
      extra: requirements.extra!,
      python: { type: "string", value: "PYTHON", description: "With init: the interpreter", complete: "python" },
      force: { type: "boolean", description: "With init: make it anew, also where another tool's .venv is" },
      entry: {
        type: "string",
        value: "SCRIPT",
        description: "With init: let this script find the worktree's Python by itself",
        complete: "file",
      },
      known: {
        type: "boolean",
        description: "With init: only where you have installed the very same before in this repository; else fail",
      },
      "pixi-tasks": { type: "boolean", description: "With init: add tasks to pixi.toml, for pixi run worktree-status" },
      "git-hook": { type: "boolean", description: "With init: let git do it for each worktree that it adds" },
      all: { type: "boolean", description: "With prune: also where the whole repository is gone" },
      "dry-run": { type: "boolean", description: "With prune: only tell what would go" },
    },
    examples: [
      ["skerry worktree init", "Make this worktree's environment, or bring it up to date"],
      ["skerry worktree init --group test --extra socks", "And choose what of the project's dependencies is wanted"],
      ["skerry worktree", "Tell which Python this worktree has, and whether its packages can be imported"],
      ["skerry worktree verify", "Prove that it is apart from all others; exits with 1 when it isn't"],
      ["skerry worktree init --entry p3.py", "And let a script find this Python from whatever shell it is started"],
      ["skerry worktree prune", "Remove the environments of worktrees that are gone"],
      ["skerry worktree global-setup", "Tell every worktree where playbooks, compose files and scripts are"],
    ],
    exits: "verb",
    run: () => import("../verbs/worktree.ts"),
  },
  {
    name: "hook",
    summary: "Print the code that makes a shell enter the environment of the folder it is in",
    description:
      "At each prompt the shell looks by itself whether it is in another checkout, or whether the project's files have changed; nothing is started while it isn't so. What the hook has set is restored on leaving. `auto_sync` says what becomes of environments that are out of date.",
    operands: [{ name: "SHELL", description: "One of bash, zsh, fish", choices: HOOK_SHELLS }],
    options: {},
    examples: [
      ['eval "$(skerry hook bash)"', "At the end of ~/.bashrc"],
      ['eval "$(skerry hook zsh)"', "At the end of ~/.zshrc"],
      ["skerry hook fish | source", "In ~/.config/fish/config.fish"],
    ],
    exits: "verb",
    run: () => import("../verbs/hook.ts"),
  },
  {
    name: "__hook",
    summary: "Print what a shell is to do in this folder; for the code of skerry hook",
    hidden: true,
    operands: [
      { name: "SHELL", description: "One of bash, zsh, fish", choices: HOOK_SHELLS },
      { name: "AGAIN", description: "The shell was answered before, and told of more", choices: AGAIN, optional: true },
    ],
    options: {},
    examples: [],
    exits: "verb",
    run: () => import("../verbs/hook-answer.ts"),
  },
  {
    name: "__vouch",
    summary: "Note that git tracks nothing of an environment; for shims",
    hidden: true,
    operands: [{ name: "ID", description: "The environment's id" }],
    options: {},
    examples: [],
    exits: "verb",
    run: () => import("../verbs/vouch.ts"),
  },
  {
    name: "shims",
    summary: "Let python and pip on PATH be those of the folder that they are typed in",
    description:
      "A shim stands on PATH under the name of a program and becomes that of the environment which the working folder has, else the next one on PATH. It needs no hook in the shell, so it serves editors, scripts and programs too.",
    operands: [
      { name: "ACTION", description: "What to do: list, install or remove", choices: SHIM_ACTIONS, optional: true },
      {
        name: "NAME",
        description: "Programs; otherwise python, python3, pip and pip3, or with remove all there are",
        optional: true,
        multiple: true,
      },
    ],
    options: {},
    examples: [
      ["skerry shims install", "Make shims for python and pip, and tell what to add to PATH"],
      ["skerry shims install pytest ruff", "And for other programs that environments have"],
      ["skerry shims", "Tell what there is, and whether it is first on PATH"],
    ],
    exits: "verb",
    run: () => import("../verbs/shims.ts"),
  },
];
