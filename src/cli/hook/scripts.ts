import { quoteFish, quotePosix } from "../../core/quote.ts";
import { type Code, fillIn } from "../../core/script.ts";
import CLIMB from "./climb.bash" with { type: "text" };
import BASH from "./hook.bash" with { type: "text" };
import FISH from "./hook.fish" with { type: "text" };
import ZSH from "./hook.zsh" with { type: "text" };
import type { HookShell } from "./shells.ts";

/**
 * Code for a shell's start-up file. At each prompt it looks by builtins alone whether anything has changed that matters:
 * the checkout that the shell is in, VIRTUAL_ENV, its folder on PATH, the times of the watched files. Only then it asks
 * `skerry __hook`. The climb goes by `..`, so that the kernel resolves symbolic links on the way,
 * and ends where that of `searchedFolders` does: between two folders with the same end, the answer is the same.
 * Variables of its runtime would let others run code in the executable, so they are unset; a status other than 0 under
 * `set -e` would end the shell at its next prompt.
 * @param program the executable, absolute
 */
export function hookScript(shell: HookShell, program: string): Code {
  if (shell === "fish") return fillIn(FISH, { SKERRY: quoteFish(program) });
  return fillIn(shell === "bash" ? BASH : ZSH, { SKERRY: quotePosix(program), CLIMB });
}
