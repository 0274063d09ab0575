export-env {
    let folders = [@FOLDERS@]
    load-env {@VARIABLES@}
    $env.PATH = ($env.PATH | split row (char esep) | prepend $folders)
@UNSET@
    if ($env.VIRTUAL_ENV_DISABLE_PROMPT? | is-empty) and ($env.PROMPT_COMMAND? | is-not-empty) {
        let before = $env.PROMPT_COMMAND
        let name = @PROMPT@
        $env.PROMPT_COMMAND = {||
            let rest = (if ($before | describe) == "closure" { do $before } else { $before })
            $"($name)($rest)"
        }
    }
}

export alias deactivate = overlay hide activate
