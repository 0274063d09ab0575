import { quoteNu } from "../../core/quote.ts";
import { type Code, code, fillIn, joined } from "../../core/script.ts";
import ACTIVATE from "./activate.nu" with { type: "text" };
import type { ShellChange } from "./shell-change.ts";

/**
 * A module for Nushell, which has no `eval`: `overlay use activate.nu`, and `deactivate` hides the overlay, at which
 * Nushell itself restores every variable.
 */
export function renderNu({ path, variables, prompt }: ShellChange): Code {
  const set = variables.flatMap(({ name, value }) => (value === undefined ? [] : [code`${name}: ${quoteNu(value)}`]));
  const unset = variables.filter(({ value }) => value === undefined);
  return fillIn(ACTIVATE, {
    FOLDERS: joined(path.map(quoteNu), ", "),
    VARIABLES: joined(set, ", "),
    UNSET: joined(unset.map(({ name }) => code`    hide-env --ignore-errors ${name}`)),
    PROMPT: quoteNu(`(${prompt}) `),
  });
}
