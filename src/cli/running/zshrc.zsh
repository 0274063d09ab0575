if [[ -n "${_skerry_users+x}" ]]; then export ZDOTDIR=$_skerry_users; else unset ZDOTDIR; fi
unset _skerry_users
[[ -f ${ZDOTDIR:-$HOME}/.zshrc ]] && source ${ZDOTDIR:-$HOME}/.zshrc
