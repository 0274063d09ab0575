import { quoteFish } from "../../python/activation/fish.ts";
import { quotePosix } from "../../python/activation/posix.ts";
import type { HookShell } from "./shells.ts";

/**
 * Code for a shell's start-up file. At each prompt it looks by builtins alone whether anything has changed that matters:
 * the checkout that the shell is in, VIRTUAL_ENV, its folder on PATH, the times of the watched files. Only then it asks
 * `skerry __hook`. The climb goes by `..`, so that the kernel resolves symbolic links on the way,
 * and ends where that of `searchedFolders` does: between two folders with the same end, the answer is the same.
 * @param program the executable, absolute
 */
export function hookScript(shell: HookShell, program: string): string {
  const scripts = { bash: BASH, zsh: ZSH, fish: FISH };
  const quoted = shell === "fish" ? quoteFish(program) : quotePosix(program);
  return scripts[shell].replaceAll("@SKERRY@", () => quoted);
}

/** The climb to the folder that counts, in `up`, as bash and zsh both read it; empty: there is none. */
const CLIMB = `    while [[ -d $up && ! -e $up/.git && ! -e $up/.venv/skerry.json && ! -e $up/.pixi ]]; do
      if [[ $up -ef / || $up -ef ~ || -k $up/.. || ( -O $up && ! -O $up/.. ) || ( $up/.. -ef ~ && ! -e ~/.git ) ]]; then
        up=
      else
        up+=/..
      fi
    done
    [[ -d $up ]] || up=
`;

// Variables of its runtime would let others run code in the executable.
// A status other than 0 under `set -e` would end the shell at its next prompt.
const BASH = `__skerry_hook() {
  local status=$? up=. i=0 code
  [[ -n \${__skerry_root-} || ! -e .venv/skerry.json ]] || __skerry_pwd=
  if [[ \${__skerry_pwd-} != "$PWD" ]]; then
${CLIMB}    if [[ -z $up ]]; then
      [[ -z \${__skerry_root-} ]] || i=-1
    else
      [[ $up -ef \${__skerry_root-} ]] || i=-1
    fi
    __skerry_root=\${up:+$PWD/$up}
    __skerry_pwd=$PWD
  fi
  [[ \${VIRTUAL_ENV-} == "\${__skerry_venv-}" && ( -z \${__skerry_folder-} || :$PATH: == *:"$__skerry_folder":* ) ]] || i=-1
  if ((i == 0)); then
    for ((; i < \${#__skerry_files[@]}; i += 3)); do
      [[ \${__skerry_files[i]} -nt \${__skerry_files[i + 1]} && \${__skerry_files[i]} -ot \${__skerry_files[i + 2]} ]] || { i=-1; break; }
    done
  fi
  if ((i >= 0)); then
    for ((i = 0; i < \${#__skerry_absent[@]}; i++)); do
      [[ ! -e \${__skerry_absent[i]} ]] || { i=-1; break; }
    done
  fi
  if ((i < 0)); then
    # Until it is done, Ctrl-C leaves it to be asked again.
    local root=$__skerry_root
    __skerry_pwd= __skerry_root=/
    code=$(unset BUN_OPTIONS BUN_BE_BUN; exec @SKERRY@ __hook bash \${__skerry_folder+again}) && eval "$code" &&
      __skerry_pwd=$PWD __skerry_root=$root || :
    if [[ -n \${__skerry_more-} ]]; then
      __skerry_more=
      code=$(unset BUN_OPTIONS BUN_BE_BUN; exec @SKERRY@ __hook bash more) && eval "$code" || :
    fi
  fi
  [[ $- == *e* ]] || return $status
}
__skerry_files=() __skerry_absent=()
[[ -z \${SKERRY_HOOK-} ]] || __skerry_root=/
case ";\${PROMPT_COMMAND[*]-};" in
  *__skerry_hook*) ;;
  *) PROMPT_COMMAND="__skerry_hook\${PROMPT_COMMAND:+;$PROMPT_COMMAND}" ;;
esac
`;

const ZSH = `__skerry_hook() {
  emulate -L zsh
  local up=. i=1 code
  [[ -n \${__skerry_root-} || ! -e .venv/skerry.json ]] || typeset -g __skerry_pwd=
  if [[ \${__skerry_pwd-} != $PWD ]]; then
${CLIMB}    if [[ -z $up ]]; then
      [[ -z \${__skerry_root-} ]] || i=0
    else
      [[ $up -ef \${__skerry_root-} ]] || i=0
    fi
    typeset -g __skerry_root=\${up:+$PWD/$up} __skerry_pwd=$PWD
  fi
  [[ \${VIRTUAL_ENV-} == \${__skerry_venv-} && ( -z \${__skerry_folder-} || :$PATH: == *:$__skerry_folder:* ) ]] || i=0
  if (( i )); then
    for ((; i <= \${#__skerry_files}; i += 3)); do
      [[ $__skerry_files[i] -nt $__skerry_files[i+1] && $__skerry_files[i] -ot $__skerry_files[i+2] ]] || { i=0; break; }
    done
  fi
  if (( i )); then
    for ((i = 1; i <= \${#__skerry_absent}; i++)); do
      [[ ! -e $__skerry_absent[i] ]] || { i=0; break; }
    done
  fi
  if (( ! i )); then
    local root=$__skerry_root
    typeset -g __skerry_pwd= __skerry_root=/
    code="$(unset BUN_OPTIONS BUN_BE_BUN; exec @SKERRY@ __hook zsh \${__skerry_folder+again})" && eval "$code" &&
      typeset -g __skerry_pwd=$PWD __skerry_root=$root
    if [[ -n \${__skerry_more-} ]]; then
      typeset -g __skerry_more=
      code="$(unset BUN_OPTIONS BUN_BE_BUN; exec @SKERRY@ __hook zsh more)" && eval "$code"
    fi
  fi
  return 0
}
typeset -ga __skerry_files __skerry_absent
[[ -z \${SKERRY_HOOK-} ]] || typeset -g __skerry_root=/
autoload -Uz add-zsh-hook && add-zsh-hook precmd __skerry_hook
`;

const FISH = `function __skerry_hook --on-event fish_prompt
    set -l before $status
    set -l ask
    test -n "$__skerry_root" -o ! -e .venv/skerry.json; or set -g __skerry_pwd
    if test "$__skerry_pwd" != "$PWD"
        set -l up .
        while test -d "$up" -a ! -e $up/.git -a ! -e $up/.venv/skerry.json -a ! -e $up/.pixi
            if test $up -ef / -o $up -ef ~ -o -k $up/.. -o \\( -O $up -a ! -O $up/.. \\) -o \\( $up/.. -ef ~ -a ! -e ~/.git \\)
                set up ""
            else
                set up $up/..
            end
        end
        if test ! -d "$up"
            set up
            test -z "$__skerry_root"; or set ask 1
        else
            test $up -ef "$__skerry_root"; or set ask 1
        end
        set -g __skerry_root
        test -z "$up"; or set -g __skerry_root $PWD/$up
        set -g __skerry_pwd $PWD
    end
    test "$VIRTUAL_ENV" = "$__skerry_venv"; or set ask 1
    test -z "$__skerry_folder"; or contains -- "$__skerry_folder" $PATH; or set ask 1
    if test -z "$ask"; and set -q __skerry_changed[1]; and test $__skerry_changed
        set ask 1
    end
    if test -n "$ask"
        set -l root $__skerry_root
        set -l again
        set -q __skerry_folder; and set again again
        set -g __skerry_pwd
        set -g __skerry_root /
        set -l code (env -u BUN_OPTIONS -u BUN_BE_BUN @SKERRY@ __hook fish $again)
        if test $status -eq 0
            printf '%s\\n' $code | source
            set -g __skerry_pwd $PWD
            set -g __skerry_root $root
        end
        if test -n "$__skerry_more"
            set -g __skerry_more
            set code (env -u BUN_OPTIONS -u BUN_BE_BUN @SKERRY@ __hook fish more)
            test $status -eq 0; and printf '%s\\n' $code | source
        end
    end
    return $before
end
test -z "$SKERRY_HOOK"; or set -g __skerry_root /
`;
