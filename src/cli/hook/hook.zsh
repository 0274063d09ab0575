__skerry_hook() {
  emulate -L zsh
  local up=. i=1 code
  [[ -n ${__skerry_root-} || ! -e .venv/skerry.json ]] || typeset -g __skerry_pwd=
  if [[ ${__skerry_pwd-} != $PWD ]]; then
@CLIMB@
    if [[ -z $up ]]; then
      [[ -z ${__skerry_root-} ]] || i=0
    else
      [[ $up -ef ${__skerry_root-} ]] || i=0
    fi
    typeset -g __skerry_root=${up:+$PWD/$up} __skerry_pwd=$PWD
  fi
  [[ ${VIRTUAL_ENV-} == ${__skerry_venv-} && ( -z ${__skerry_folder-} || :$PATH: == *:$__skerry_folder:* ) ]] || i=0
  if (( i )); then
    for ((; i <= ${#__skerry_files}; i += 3)); do
      [[ $__skerry_files[i] -nt $__skerry_files[i+1] && $__skerry_files[i] -ot $__skerry_files[i+2] ]] || { i=0; break; }
    done
  fi
  if (( i )); then
    for ((i = 1; i <= ${#__skerry_absent}; i++)); do
      [[ ! -e $__skerry_absent[i] ]] || { i=0; break; }
    done
  fi
  if (( ! i )); then
    local root=$__skerry_root
    typeset -g __skerry_pwd= __skerry_root=/
    code="$(unset BUN_OPTIONS BUN_BE_BUN; exec @SKERRY@ __hook zsh ${__skerry_folder+again})" && eval "$code" &&
      typeset -g __skerry_pwd=$PWD __skerry_root=$root
    if [[ -n ${__skerry_more-} ]]; then
      typeset -g __skerry_more=
      code="$(unset BUN_OPTIONS BUN_BE_BUN; exec @SKERRY@ __hook zsh more)" && eval "$code"
    fi
  fi
  return 0
}
typeset -ga __skerry_files __skerry_absent
[[ -z ${SKERRY_HOOK-} ]] || typeset -g __skerry_root=/
autoload -Uz add-zsh-hook && add-zsh-hook precmd __skerry_hook
