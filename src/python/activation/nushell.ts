import { quoteNu } from "../../core/quote.ts";
import type { ShellChange } from "./shell-change.ts";

/**
 * A module for Nushell, which has no `eval`: `overlay use activate.nu`, and `deactivate` hides the overlay, at which
 * Nushell itself restores every variable.
 */
export function renderNu({ path, variables, prompt }: ShellChange): string {
  const record = variables
    .filter(({ value }) => value !== undefined)
    .map(({ name, value }) => `${name}: ${quoteNu(value!)}`);
  const unset = variables
    .filter(({ value }) => value === undefined)
    .map(({ name }) => `    hide-env --ignore-errors ${name}`);
  return `export-env {
    let folders = [${path.map(quoteNu).join(", ")}]
    load-env {${record.join(", ")}}
    $env.PATH = ($env.PATH | split row (char esep) | prepend $folders)
${unset.join("\n")}
    if ($env.VIRTUAL_ENV_DISABLE_PROMPT? | is-empty) and ($env.PROMPT_COMMAND? | is-not-empty) {
        let before = $env.PROMPT_COMMAND
        let name = ${quoteNu(`(${prompt}) `)}
        $env.PROMPT_COMMAND = {||
            let rest = (if ($before | describe) == "closure" { do $before } else { $before })
            $"($name)($rest)"
        }
    }
}

export alias deactivate = overlay hide activate
`;
}
