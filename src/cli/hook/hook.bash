__skerry_hook() {
  local status=$? up=. i=0 code
  [[ -n ${__skerry_root-} || ! -e .venv/skerry.json ]] || __skerry_pwd=
  if [[ ${__skerry_pwd-} != "$PWD" ]]; then
@CLIMB@
    if [[ -z $up ]]; then
      [[ -z ${__skerry_root-} ]] || i=-1
    else
      [[ $up -ef ${__skerry_root-} ]] || i=-1
    fi
    __skerry_root=${up:+$PWD/$up}
    __skerry_pwd=$PWD
  fi
  [[ ${VIRTUAL_ENV-} == "${__skerry_venv-}" && ( -z ${__skerry_folder-} || :$PATH: == *:"$__skerry_folder":* ) ]] || i=-1
  if ((i == 0)); then
    for ((; i < ${#__skerry_files[@]}; i += 3)); do
      [[ ${__skerry_files[i]} -nt ${__skerry_files[i + 1]} && ${__skerry_files[i]} -ot ${__skerry_files[i + 2]} ]] || { i=-1; break; }
    done
  fi
  if ((i >= 0)); then
    for ((i = 0; i < ${#__skerry_absent[@]}; i++)); do
      [[ ! -e ${__skerry_absent[i]} ]] || { i=-1; break; }
    done
  fi
  if ((i < 0)); then
    # Until it is done, Ctrl-C leaves it to be asked again.
    local root=$__skerry_root
    __skerry_pwd= __skerry_root=/
    code=$(unset BUN_OPTIONS BUN_BE_BUN; exec @SKERRY@ __hook bash ${__skerry_folder+again}) && eval "$code" &&
      __skerry_pwd=$PWD __skerry_root=$root || :
    if [[ -n ${__skerry_more-} ]]; then
      __skerry_more=
      code=$(unset BUN_OPTIONS BUN_BE_BUN; exec @SKERRY@ __hook bash more) && eval "$code" || :
    fi
  fi
  [[ $- == *e* ]] || return $status
}
__skerry_files=() __skerry_absent=()
[[ -z ${SKERRY_HOOK-} ]] || __skerry_root=/
case ";${PROMPT_COMMAND[*]-};" in
  *__skerry_hook*) ;;
  *) PROMPT_COMMAND="__skerry_hook${PROMPT_COMMAND:+;$PROMPT_COMMAND}" ;;
esac
