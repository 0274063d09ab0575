import { completionScript, SHELLS_COMPLETED } from "../completion/scripts.ts";
import type { Verb } from "../verb.ts";

/** `skerry completion SHELL` */
export default {
  summary: "Print the code that completes skerry's commands in a shell",
  operands: [{ name: "SHELL", description: "One of bash, zsh, fish", choices: SHELLS_COMPLETED }],
  options: {},
  examples: [
    ['eval "$(skerry completion bash)"', "In ~/.bashrc"],
    ['eval "$(skerry completion zsh)"', "In ~/.zshrc, after compinit"],
    ["skerry completion fish > ~/.config/fish/completions/skerry.fish", "Once, for fish"],
  ],
  run({ output, operands: [word] }) {
    const shell = SHELLS_COMPLETED.find((name) => name === word)!;
    const script = completionScript(shell);
    output.result({ shell, script }, () => output.verbatim(script));
    return 0;
  },
} satisfies Verb;
