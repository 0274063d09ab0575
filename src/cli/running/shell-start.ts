import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../core/process.ts";
import { quoteFish } from "../../core/quote.ts";
import { writeAtomic } from "../../platform/files.ts";
import type { Shell } from "./shell-in-use.ts";
import ZSHENV from "./zshenv.zsh" with { type: "text" };
import ZSHRC from "./zshrc.zsh" with { type: "text" };

/**
 * How to start a shell so that the environment stands after the user's own start-up files, which may change PATH.
 * The files for that are written to `folder`; the user's .zshenv may move ZDOTDIR on, and ours is read next all the same.
 * Shells that have no such place for them get the variables only.
 * @param activation gives the code that enters the environment
 */
export function shellCommand(
  { kind, program }: Shell,
  folder: string,
  env: NodeJS.ProcessEnv,
  activation: (kind: string) => string,
): Command {
  switch (kind) {
    case "bash": {
      const rc = join(folder, "shell.bashrc");
      writeAtomic(rc, `if [ -f ~/.bashrc ]; then . ~/.bashrc; fi\n${activation(kind)}unset -f deactivate\n`, OWN);
      return { argv: [program, "--rcfile", rc] };
    }
    case "zsh": {
      const dotfiles = join(folder, "zsh");
      mkdirSync(dotfiles, { recursive: true, mode: 0o700 });
      writeAtomic(join(dotfiles, ".zshenv"), ZSHENV, OWN);
      writeAtomic(join(dotfiles, ".zshrc"), `${ZSHRC}${activation(kind)}unfunction deactivate\n`, OWN);
      const before = env.ZDOTDIR === undefined ? {} : { _SKERRY_ZDOTDIR: env.ZDOTDIR };
      return { argv: [program], env: { ZDOTDIR: dotfiles, ...before } };
    }
    case "fish": {
      const file = join(folder, "shell.fish");
      writeAtomic(file, `${activation(kind)}functions -e deactivate\n`, OWN);
      return { argv: [program, "-C", `source ${quoteFish(file)}`] };
    }
    default:
      return { argv: [program] };
  }
}

/** The values of variables are in them. */
const OWN = { mode: 0o600 };
