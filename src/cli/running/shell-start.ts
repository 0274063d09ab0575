import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../core/process.ts";
import { writeAtomic } from "../../platform/files.ts";
import { quoteFish } from "../../python/activation/fish.ts";
import type { Shell } from "./shell-in-use.ts";

/**
 * How to start a shell so that the environment stands after the user's own start-up files, which may change PATH.
 * The files for that are written to `folder`. Shells that have no such place for them get the variables only.
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

/** The user's own file may move ZDOTDIR on; ours has to be read next all the same. */
const ZSHENV = `_skerry_own=$ZDOTDIR
if [[ -n "\${_SKERRY_ZDOTDIR+x}" ]]; then export ZDOTDIR=$_SKERRY_ZDOTDIR; else unset ZDOTDIR; fi
unset _SKERRY_ZDOTDIR
[[ -f \${ZDOTDIR:-$HOME}/.zshenv ]] && source \${ZDOTDIR:-$HOME}/.zshenv
if [[ -o interactive ]]; then
  [[ -n "\${ZDOTDIR+x}" ]] && _skerry_users=$ZDOTDIR
  ZDOTDIR=$_skerry_own
fi
unset _skerry_own
`;

const ZSHRC = `if [[ -n "\${_skerry_users+x}" ]]; then export ZDOTDIR=$_skerry_users; else unset ZDOTDIR; fi
unset _skerry_users
[[ -f \${ZDOTDIR:-$HOME}/.zshrc ]] && source \${ZDOTDIR:-$HOME}/.zshrc
`;
