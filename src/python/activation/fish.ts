import { quoteFish } from "../../core/quote.ts";
import { type Code, code, fillIn, joined } from "../../core/script.ts";
import ACTIVATE from "./activate.fish" with { type: "text" };
import { type ShellChange, saved } from "./shell-change.ts";

/** Code for fish. */
export function renderFish({ path, variables, prompt }: ShellChange): Code {
  const enter = variables.flatMap(({ name, value }) => [
    code`if set -q ${name}; set -g ${saved(name)} $${name}; else; set -e ${saved(name)}; end`,
    value === undefined ? code`set -e ${name}` : code`set -gx ${name} ${quoteFish(value)}`,
  ]);
  const leave = variables.map(
    ({ name }) =>
      code`        if set -q ${saved(name)}; set -gx ${name} $${saved(name)}; set -e ${saved(name)}; else; set -e ${name}; end`,
  );
  return fillIn(ACTIVATE, {
    LEAVE: joined(leave),
    PATH: joined(path.length === 0 ? [] : [code`set -gx PATH ${joined(path.map(quoteFish), " ")} $PATH`]),
    ENTER: joined(enter),
    PROMPT: quoteFish(prompt),
  });
}
