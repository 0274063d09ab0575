#!/bin/sh
# Becomes the program of this name in the environment of the working folder, else the next one on PATH.
# Written by: skerry shims install
home=@HOME@ skerry=@SKERRY@
name=${0##*/}

# Says two lines, without what would steer a terminal or turn the direction of writing.
say() {
  for text in "$1" "  hint: $2"; do
    while :; do
      case $text in *[[:cntrl:]]*) text=${text%%[[:cntrl:]]*}?${text#*[[:cntrl:]]} ;; *) break ;; esac
    done
    for mark in $(printf @MARKS@); do
      while :; do
        case $text in *"$mark"*) text=${text%%"$mark"*}?${text#*"$mark"} ;; *) break ;; esac
      done
    done
    printf '%s\n' "$text" >&2
  done
}

fail() {
  say "error: $1" "$2"
  exit 127
}

# Whether Skerry has found that git tracks nothing of $venv, and git has written nothing since.
is_vouched() {
  notes=$home/envs/$id/run/git n=0
  [ "$notes/at" -ef "$venv" ] && [ -f "$notes/vouched" ] || return 1
  [ -L "$notes/index-0" ] || [ -L "$notes/none-0" ] || [ ! -e "$root/.git" ] || return 1
  while [ -L "$notes/index-$n" ]; do
    # In some shells, a file that isn't there is older than any.
    [ -e "$notes/index-$n" ] && [ "$notes/index-$n" -ot "$notes/vouched" ] || return 1
    n=$((n + 1))
  done
  n=0
  while [ -L "$notes/none-$n" ]; do
    [ ! -e "$notes/none-$n" ] || return 1
    n=$((n + 1))
  done
}

# Whether a repository begins in a folder.
is_root() {
  [ -f "$1/.git" ] || [ -e "$1/.git/HEAD" ]
}

# The next folder above $root that counts for it, in $root; none, when it is the last, and in no repository.
climb() {
  above=${root%/*} above=${above:-/}
  if [ "$root" = / ] || [ "$root" -ef ~ ] || [ -k "$above" ] || { [ -O "$root" ] && [ ! -O "$above" ]; }; then
    root=
  elif [ "$above" -ef ~ ] && ! is_root "$above"; then
    root=
  else
    root=$above
  fi
}

# The prefix of the environment of this folder, in $venv; $root is the repository's, or the folder with the prefix.
venv= leak=
if [ -z "${SKERRY_BYPASS-}" ]; then
  was=$PWD old=${OLDPWD-}
  CDPATH='' cd -P . 2>/dev/null && root=$PWD || root=
  PWD=$was OLDPWD=$old
  [ -n "$old" ] || unset OLDPWD
  while [ -n "$root" ]; do
    for place in .venv:venv .pixi/envs/default:pixi; do
      found=${root%/}/${place%:*}
      [ -f "$found/skerry.json" ] && IFS= read -r line <"$found/skerry.json" || continue
      id=${line#*\"id\":\"} id=${id%%\"*}
      case $id in '' | *[!a-z0-9]*) continue ;; esac
      # One that no environment here has is somebody else's.
      [ -e "$home/envs/$id" ] || continue
      if [ "$home/envs/$id/${place#*:}" -ef "$found" ] && [ ! -L "$found" ] && [ -O "$found" ]; then
        venv=$found
      else
        say "warning: $found was moved or copied, and is not used" "skerry show . says why, skerry worktree init makes one"
      fi
      break 2
    done
    is_root "$root" && break
    climb
  done
  # What was activated by hand counts, but not what is left of another checkout.
  active=${VIRTUAL_ENV-} folder=${VIRTUAL_ENV%/*}
  if [ -n "$active" ]; then
    if [ -n "$root" ] && [ -e "$folder/.git" ] && [ ! "$folder" -ef "$root" ]; then
      leak=$active/bin
      unset VIRTUAL_ENV
    elif [ -x "$active/bin/$name" ]; then
      exec "$active/bin/$name" "$@"
    fi
  fi
fi

if [ -n "$venv" ]; then
  if ! is_vouched; then
    [ -x "$skerry" ] || fail "what git tracks of $venv can't be told: $skerry is gone" "skerry shims install"
    (unset BUN_OPTIONS BUN_BE_BUN; exec "$skerry" --quiet --home "$home" __vouch "$id") || exit 1
  fi
  if [ -x "$venv/bin/$name" ]; then
    unset PYTHONHOME __PYVENV_LAUNCHER__
    # Python finds its environment without it, and what it starts may be elsewhere.
    unset VIRTUAL_ENV
    case $place in .pixi/*) CONDA_PREFIX=$venv && export CONDA_PREFIX ;; esac
    exec "$venv/bin/$name" "$@"
  fi
  case $name in
    # These say themselves which Python they want.
    python[0-9]*.* | pip[0-9]*.* | pypy*) ;;
    *)
      case $place in .venv:*) hint="skerry install . $name" ;; *) hint="pixi add $name" ;; esac
      fail "the environment $venv has no $name" "$hint"
      ;;
  esac
fi

# The next one on PATH that this process has not been yet.
tried= round=0
case ${SKERRY_SHIM-} in
  "$$:"*) tried=${SKERRY_SHIM#*:} round=${tried%%:*} tried=${tried#*:} ;;
esac
while :; do
  rest=$PATH:
  while [ -n "$rest" ]; do
    folder=${rest%%:*} rest=${rest#*:}
    file=${folder:-.}/$name
    [ -f "$file" ] && [ -x "$file" ] || continue
    [ "$folder" -ef "$home/shims" ] || [ "$folder" = "$leak" ] && continue
    case :$tried: in *":$folder:"*) continue ;; esac
    SKERRY_SHIM=$$:$round:$tried${tried:+:}$folder
    export SKERRY_SHIM
    exec "$file" "$@"
  done
  [ -n "$tried" ] && [ "$round" -lt 100 ] || fail "$name is nowhere on PATH but in $home/shims" "skerry worktree init makes an environment for this checkout"
  tried= round=$((round + 1))
done
