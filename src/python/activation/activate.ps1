if ((Test-Path Variable:global:_OLD_VIRTUAL_PATH) -and (Test-Path Function:deactivate)) { deactivate }

function global:deactivate ([switch]$NonDestructive) {
    if (Test-Path Variable:global:_OLD_VIRTUAL_PATH) {
        $env:PATH = $global:_OLD_VIRTUAL_PATH
        Remove-Variable _OLD_VIRTUAL_PATH -Scope Global
@LEAVE@
        if (Test-Path Function:_old_virtual_prompt) {
            Set-Item Function:global:prompt (Get-Item Function:_old_virtual_prompt).ScriptBlock
            Remove-Item Function:_old_virtual_prompt
        }
    }
    if (-not $NonDestructive) { Remove-Item Function:deactivate }
}

$global:_OLD_VIRTUAL_PATH = $env:PATH
@PATH@
@ENTER@
if (-not (Test-Path Env:VIRTUAL_ENV_DISABLE_PROMPT) -and (Test-Path Function:prompt)) {
    Set-Item Function:global:_old_virtual_prompt (Get-Item Function:prompt).ScriptBlock
    function global:prompt { @PROMPT@ + (_old_virtual_prompt) }
}
