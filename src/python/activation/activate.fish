if set -q _OLD_VIRTUAL_PATH; and functions -q deactivate
    deactivate
end

function deactivate --description 'Leave the environment'
    if set -q _OLD_VIRTUAL_PATH
        set -gx PATH $_OLD_VIRTUAL_PATH
        set -e _OLD_VIRTUAL_PATH
@LEAVE@
        if set -q _OLD_FISH_PROMPT_OVERRIDE; and functions -q _old_fish_prompt
            set -e _OLD_FISH_PROMPT_OVERRIDE
            functions -e fish_prompt
            functions -c _old_fish_prompt fish_prompt
            functions -e _old_fish_prompt _old_virtual_status
        end
    end
    if test "$argv[1]" != nondestructive
        functions -e deactivate
    end
end

set -g _OLD_VIRTUAL_PATH $PATH
@PATH@
@ENTER@
if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; and functions -q fish_prompt; and not functions -q _old_fish_prompt
    functions -c fish_prompt _old_fish_prompt
    set -g _OLD_FISH_PROMPT_OVERRIDE 1
    function _old_virtual_status
        return $argv[1]
    end
    function fish_prompt
        set -l before $status
        printf '(%s) ' @PROMPT@
        _old_virtual_status $before
        _old_fish_prompt
    end
end
