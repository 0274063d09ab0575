function __skerry_hook --on-event fish_prompt
    set -l before $status
    set -l ask
    test -n "$__skerry_root" -o ! -e .venv/skerry.json; or set -g __skerry_pwd
    if test "$__skerry_pwd" != "$PWD"
        set -l up .
        while test -d "$up" -a ! -e $up/.git -a ! -e $up/.venv/skerry.json -a ! -e $up/.pixi
            if test $up -ef / -o $up -ef ~ -o -k $up/.. -o \( -O $up -a ! -O $up/.. \) -o \( $up/.. -ef ~ -a ! -e ~/.git \)
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
            printf '%s\n' $code | source
            set -g __skerry_pwd $PWD
            set -g __skerry_root $root
        end
        if test -n "$__skerry_more"
            set -g __skerry_more
            set code (env -u BUN_OPTIONS -u BUN_BE_BUN @SKERRY@ __hook fish more)
            test $status -eq 0; and printf '%s\n' $code | source
        end
    end
    return $before
end
test -z "$SKERRY_HOOK"; or set -g __skerry_root /
