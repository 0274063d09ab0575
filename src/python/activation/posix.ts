import { quotePosix } from "../../core/quote.ts";
import { type Code, code, fillIn, joined } from "../../core/script.ts";
import ACTIVATE from "./activate.sh" with { type: "text" };
import { type ShellChange, saved } from "./shell-change.ts";

/** Code for bash, zsh, ksh and dash; holds under `set -eu`. */
export function renderPosix({ path, variables, prompt }: ShellChange): Code {
  const enter = variables.flatMap(({ name, value }) => [
    code`if [ -n "\${${name}+x}" ]; then ${saved(name)}=$${name}; else unset ${saved(name)} || :; fi`,
    ...(value === undefined ? [code`unset ${name} || :`] : [code`${name}=${quotePosix(value)}`, code`export ${name}`]),
  ]);
  const leave = variables.map(
    ({ name }) =>
      code`        if [ -n "\${${saved(name)}+x}" ]; then ${name}=$${saved(name)}; export ${name}; unset ${saved(name)}; else unset ${name} || :; fi`,
  );
  const first = code`PATH=${quotePosix(path.join(":"))}\${PATH:+:$PATH}`;
  return fillIn(ACTIVATE, {
    LEAVE: joined(leave),
    PATH: joined(path.length === 0 ? [] : [first, code`export PATH`]),
    ENTER: joined(enter),
    PROMPT: quotePosix(`(${prompt}) `),
  });
}
