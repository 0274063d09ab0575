import { HOOK_SHELLS } from "../hook/shells.ts";
import type { Verb } from "../verb.ts";

/** `skerry hook SHELL` */
export default {
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
  async run({ output, operands: [word] }) {
    const { hookScript } = await import("../hook/scripts.ts");
    const shell = HOOK_SHELLS.find((name) => name === word)!;
    const script = hookScript(shell, process.execPath);
    output.result({ shell, script }, () => output.verbatim(script));
    return 0;
  },
} satisfies Verb;
