_skerry_own=$ZDOTDIR
if [[ -n "${_SKERRY_ZDOTDIR+x}" ]]; then export ZDOTDIR=$_SKERRY_ZDOTDIR; else unset ZDOTDIR; fi
unset _SKERRY_ZDOTDIR
[[ -f ${ZDOTDIR:-$HOME}/.zshenv ]] && source ${ZDOTDIR:-$HOME}/.zshenv
if [[ -o interactive ]]; then
  [[ -n "${ZDOTDIR+x}" ]] && _skerry_users=$ZDOTDIR
  ZDOTDIR=$_skerry_own
fi
unset _skerry_own
