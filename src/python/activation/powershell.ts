import { quotePowerShell } from "../../core/quote.ts";
import { type ShellChange, saved } from "./shell-change.ts";

/** Code for PowerShell; holds under `Set-StrictMode`. */
export function renderPowerShell({ path, variables, prompt }: ShellChange): string {
  const keep = (name: string) =>
    `if (Test-Path Env:${name}) { $global:${saved(name)} = $env:${name} } else { Remove-Variable ${saved(name)} -Scope Global -ErrorAction Ignore }`;
  const enter = variables.flatMap(({ name, value }) => [
    keep(name),
    value === undefined
      ? `Remove-Item Env:${name} -ErrorAction Ignore`
      : // An empty value would remove the variable.
        `[Environment]::SetEnvironmentVariable('${name}', ${quotePowerShell(value)})`,
  ]);
  const leave = variables.map(
    ({ name }) =>
      `        if (Test-Path Variable:global:${saved(name)}) { $env:${name} = $global:${saved(name)}; Remove-Variable ${saved(name)} -Scope Global } ` +
      `else { Remove-Item Env:${name} -ErrorAction Ignore }`,
  );
  return `if ((Test-Path Variable:global:_OLD_VIRTUAL_PATH) -and (Test-Path Function:deactivate)) { deactivate }

function global:deactivate ([switch]$NonDestructive) {
    if (Test-Path Variable:global:_OLD_VIRTUAL_PATH) {
        $env:PATH = $global:_OLD_VIRTUAL_PATH
        Remove-Variable _OLD_VIRTUAL_PATH -Scope Global
${leave.join("\n")}
        if (Test-Path Function:_old_virtual_prompt) {
            Set-Item Function:global:prompt (Get-Item Function:_old_virtual_prompt).ScriptBlock
            Remove-Item Function:_old_virtual_prompt
        }
    }
    if (-not $NonDestructive) { Remove-Item Function:deactivate }
}

$global:_OLD_VIRTUAL_PATH = $env:PATH
${path.length === 0 ? "" : `$env:PATH = ((@(${path.map(quotePowerShell).join(", ")}) + $env:PATH) -join [IO.Path]::PathSeparator)\n`}${enter.join("\n")}
if (-not (Test-Path Env:VIRTUAL_ENV_DISABLE_PROMPT) -and (Test-Path Function:prompt)) {
    Set-Item Function:global:_old_virtual_prompt (Get-Item Function:prompt).ScriptBlock
    function global:prompt { ${quotePowerShell(`(${prompt}) `)} + (_old_virtual_prompt) }
}
`;
}
