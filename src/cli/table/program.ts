import type { CommandSpec } from "../grammar.ts";

/** Verbs about the program itself. */
export const PROGRAM: readonly CommandSpec[] = [
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
    run: () => import("../verbs/completion.ts"),
  },
  {
    name: "help",
    summary: "Show help for a command",
    operands: [{ name: "COMMAND", description: "A command of skerry", optional: true }],
    options: {},
    examples: [["skerry help run", "The same as skerry run --help"]],
    exits: "verb",
    run: () => import("../verbs/help.ts"),
  },
  {
    name: "version",
    summary: "Print the version",
    operands: [],
    options: {},
    examples: [["skerry --version", "The same"]],
    exits: "verb",
    run: () => import("../verbs/version.ts"),
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
    run: () => import("../verbs/complete.ts"),
  },
];
