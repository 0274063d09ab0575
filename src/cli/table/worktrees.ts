import type { CommandSpec } from "../grammar.ts";
import { requirements } from "./shared.ts";

/** What `skerry worktree` can do. */
export const WORKTREE_ACTIONS = ["status", "verify", "init", "list", "prune", "global-setup"] as const;

/** Verbs for git worktrees. */
export const WORKTREES: readonly CommandSpec[] = [
  {
    name: "worktree",
    aliases: ["wt"],
    summary: "Give each git worktree its own environment",
    description:
      "What the environment holds is read from the project: uv.lock, pylock.toml, pyproject.toml with its dependency groups, requirements files, .python-version and skerry.toml. It is the worktree's .venv, with the project installed from this worktree.",
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
    run: () => import("../commands/worktree.ts"),
  },
];
