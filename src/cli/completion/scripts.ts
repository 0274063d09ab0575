import type { Code } from "../../core/script.ts";
import BASH from "./completion.bash" with { type: "text" };
import FISH from "./completion.fish" with { type: "text" };
import ZSH from "./completion.zsh" with { type: "text" };

/** The shells that there is completion code for. */
export const SHELLS_COMPLETED = ["bash", "zsh", "fish"] as const;

/**
 * Code that makes a shell ask `skerry __complete`, which knows the verbs: for fish 3.1, zsh 5.0 (from a file on
 * fpath and from eval after compinit), bash 3.2 and newer. Bash splits words at `=` (COMP_WORDBREAKS): `--option=value` is
 * put together again before it is asked about, and only the part behind `=` is answered.
 */
export function completionScript(shell: (typeof SHELLS_COMPLETED)[number]): Code {
  return { bash: BASH, zsh: ZSH, fish: FISH }[shell];
}
