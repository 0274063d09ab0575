#compdef skerry
_skerry() {
  local -a answer names shown
  local line first offset
  answer=("${(@f)$("${words[1]}" __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  first=${answer[1]}
  for line in "${(@)answer[2,-1]}"; do
    names+=("${line%%$'\t'*}")
    if [[ $line == *$'\t'* ]]; then
      shown+=("${line%%$'\t'*}  -- ${line#*$'\t'}")
    else
      shown+=("$line")
    fi
  done
  (( ${#names} )) && compadd -l -d shown -a names
  case $first in
    :files) compset -P '--*='; _files ;;
    :folders) compset -P '--*='; _files -/ ;;
    ':command '*)
      offset=${first#:command }
      (( offset++ ))
      words=("${(@)words[offset+1,-1]}")
      (( CURRENT -= offset ))
      _normal
      ;;
  esac
}
if [[ ${funcstack[1]} == _skerry ]]; then
  _skerry "$@"
else
  compdef _skerry skerry
fi
