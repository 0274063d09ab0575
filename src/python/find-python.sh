case $0 in */*) set -- "$0" "$@" ;; *) set -- "./$0" "$@" ;; esac
if [ -h "$1" ]; then exec "$(dirname "$(readlink -f "$1")")/python" "$@"; fi
exec "${1%/*}/python" "$@"
