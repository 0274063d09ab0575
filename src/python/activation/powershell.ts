import { quotePowerShell } from "../../core/quote.ts";
import { type Code, code, fillIn, joined } from "../../core/script.ts";
import ACTIVATE from "./activate.ps1" with { type: "text" };
import { type ShellChange, saved } from "./shell-change.ts";

/** Code for PowerShell; holds under `Set-StrictMode`. */
export function renderPowerShell({ path, variables, prompt }: ShellChange): Code {
  const enter = variables.flatMap(({ name, value }) => [
    code`if (Test-Path Env:${name}) { $global:${saved(name)} = $env:${name} } else { Remove-Variable ${saved(name)} -Scope Global -ErrorAction Ignore }`,
    value === undefined
      ? code`Remove-Item Env:${name} -ErrorAction Ignore`
      : // An empty value would remove the variable.
        code`[Environment]::SetEnvironmentVariable('${name}', ${quotePowerShell(value)})`,
  ]);
  const leave = variables.map(
    ({ name }) =>
      code`        if (Test-Path Variable:global:${saved(name)}) { $env:${name} = $global:${saved(name)}; Remove-Variable ${saved(name)} -Scope Global } else { Remove-Item Env:${name} -ErrorAction Ignore }`,
  );
  const first = code`$env:PATH = ((@(${joined(path.map(quotePowerShell), ", ")}) + $env:PATH) -join [IO.Path]::PathSeparator)`;
  return fillIn(ACTIVATE, {
    LEAVE: joined(leave),
    PATH: joined(path.length === 0 ? [] : [first]),
    ENTER: joined(enter),
    PROMPT: quotePowerShell(`(${prompt}) `),
  });
}
