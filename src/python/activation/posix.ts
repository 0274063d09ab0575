import { quotePosix } from "../../core/quote.ts";
import { type ShellChange, saved } from "./shell-change.ts";

/** Code for bash, zsh, ksh and dash; holds under `set -eu`. */
export function renderPosix({ path, variables, prompt }: ShellChange): string {
  const keep = (name: string) =>
    `if [ -n "\${${name}+x}" ]; then ${saved(name)}=$${name}; else unset ${saved(name)} || :; fi`;
  const enter = variables.flatMap(({ name, value }) => [
    keep(name),
    value === undefined ? `unset ${name} || :` : `${name}=${quotePosix(value)}\nexport ${name}`,
  ]);
  const leave = variables.map(
    ({ name }) =>
      `        if [ -n "\${${saved(name)}+x}" ]; then ${name}=$${saved(name)}; export ${name}; unset ${saved(name)}; ` +
      `else unset ${name} || :; fi`,
  );
  return `if [ -n "\${_OLD_VIRTUAL_PATH+x}" ] && command -v deactivate >/dev/null 2>&1; then deactivate; fi

deactivate () {
    if [ -n "\${_OLD_VIRTUAL_PATH+x}" ]; then
        PATH=$_OLD_VIRTUAL_PATH; export PATH; unset _OLD_VIRTUAL_PATH
${leave.join("\n")}
        if [ -n "\${_OLD_VIRTUAL_PS1+x}" ]; then PS1=$_OLD_VIRTUAL_PS1; unset _OLD_VIRTUAL_PS1; fi
        hash -r 2>/dev/null || :
    fi
    if [ "\${1-}" != nondestructive ]; then unset -f deactivate; fi
}

_OLD_VIRTUAL_PATH=\${PATH-}
${path.length === 0 ? "" : `PATH=${quotePosix(path.join(":"))}\${PATH:+:$PATH}\nexport PATH\n`}${enter.join("\n")}
unset _OLD_VIRTUAL_PS1 || :
if [ -z "\${VIRTUAL_ENV_DISABLE_PROMPT-}" ] && [ -n "\${PS1+x}" ]; then
    _OLD_VIRTUAL_PS1=$PS1
    PS1=${quotePosix(`(${prompt}) `)}$PS1
fi
hash -r 2>/dev/null || :
`;
}
