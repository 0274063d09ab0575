#!/bin/sh
# Gives each new git worktree its own Python environment. Written by: skerry worktree init --git-hook
case $1 in *[!0]*) exit 0 ;; esac
[ "$3" = 1 ] || exit 0
command -v skerry >/dev/null 2>&1 || exit 0
# Git's own variables would lead what is built there to another repository.
unset $(git rev-parse --local-env-vars)
# A branch of somebody else's could run its code: only what was installed before is installed again without being asked for.
skerry --quiet worktree init --known || echo "skerry: the worktree has no environment yet" >&2
exit 0
