_skerry() {
  local IFS=$'\n' cur='' prefix='' first='' line i offset
  local -a words answer
  words=()
  for ((i = 1; i <= COMP_CWORD; i++)); do
    if ((i > 1)) && [[ ${#words[@]} -gt 0 && ${words[${#words[@]}-1]} == --* ]] &&
      [[ ${COMP_WORDS[i]} == = || ${words[${#words[@]}-1]} == --*= ]]; then
      words[${#words[@]}-1]+=${COMP_WORDS[i]}
    else
      words+=("${COMP_WORDS[i]}")
    fi
  done
  cur=${words[${#words[@]}-1]}
  [[ $cur == --*=* ]] && prefix=${cur%%=*}=
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $first ]]; then
      first=$line
    else
      line=${line%%$'\t'*}
      COMPREPLY+=("$(printf '%q' "${line#"$prefix"}")")
    fi
  done < <("${COMP_WORDS[0]}" __complete -- "${words[@]}" 2>/dev/null)
  cur=${cur#"$prefix"}
  case $first in
    :files) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$cur")) ;;
    :folders) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -d -- "$cur")) ;;
    ':command '*)
      offset=$((${first#:command } + 1))
      if declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$offset"
      elif declare -F _command_offset >/dev/null; then
        _command_offset "$offset"
      elif ((COMP_CWORD == offset)); then
        compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -c -- "$cur"))
      else
        compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))
      fi
      ;;
  esac
}
complete -F _skerry skerry
