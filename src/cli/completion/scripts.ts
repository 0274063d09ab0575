import { BASH } from "./bash.ts";
import { FISH } from "./fish.ts";
import { ZSH } from "./zsh.ts";

/** The shells that there is completion code for. */
export const SHELLS_COMPLETED = ["bash", "zsh", "fish"] as const;

/** Code that makes a shell ask `skerry __complete`, which knows the verbs. */
export function completionScript(shell: (typeof SHELLS_COMPLETED)[number]): string {
  return { bash: BASH, zsh: ZSH, fish: FISH }[shell];
}
