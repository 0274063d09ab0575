import { quoteCsh } from "../../core/quote.ts";
import { type ShellChange, saved } from "./shell-change.ts";

/**
 * Code for csh and tcsh. Every statement is one line that ends in `;`, because `eval` joins lines. What stands behind an
 * `if` is quoted for `eval`: csh would replace the variables of an untaken branch too, and fail for one that isn't set.
 */
export function renderCsh({ path, variables, prompt }: ShellChange): string {
  const when = (name: string, code: string) => `if ( $?${name} ) eval ${quoteCsh(code)}`;
  const enter = variables.flatMap(({ name, value }) => [
    `unset ${saved(name)}`,
    when(name, `set ${saved(name)} = $${name}:q`),
    value === undefined ? `unsetenv ${name}` : `setenv ${name} ${quoteCsh(value)}`,
  ]);
  const leave = [
    "setenv PATH $_OLD_VIRTUAL_PATH:q",
    "unset _OLD_VIRTUAL_PATH",
    ...variables.flatMap(({ name }) => [
      `unsetenv ${name}`,
      when(saved(name), `setenv ${name} $${saved(name)}:q`),
      `unset ${saved(name)}`,
    ]),
    when("_OLD_VIRTUAL_PROMPT", "set prompt = $_OLD_VIRTUAL_PROMPT:q"),
    "unset _OLD_VIRTUAL_PROMPT",
    "rehash",
  ];
  const shown = quoteCsh(`(${prompt}) `);
  const lines = [
    when("_OLD_VIRTUAL_PATH", "alias deactivate | grep . >& /dev/null && deactivate || :"),
    `alias deactivate ${quoteCsh(`${when("_OLD_VIRTUAL_PATH", leave.join("; "))}; unalias deactivate`)}`,
    "set _OLD_VIRTUAL_PATH = $PATH:q",
    ...(path.length === 0 ? [] : [`setenv PATH ${quoteCsh(path.join(":"))}:$PATH:q`]),
    ...enter,
    "unset _OLD_VIRTUAL_PROMPT",
    `if ( ! $?VIRTUAL_ENV_DISABLE_PROMPT && $?prompt ) eval ${quoteCsh(`set _OLD_VIRTUAL_PROMPT = $prompt:q; set prompt = ${shown}$prompt:q`)}`,
    "rehash",
  ];
  return lines.map((line) => `${line};\n`).join("");
}
