import { quoteFish } from "../../core/quote.ts";
import { type ShellChange, saved } from "./shell-change.ts";

/** Code for fish. */
export function renderFish({ path, variables, prompt }: ShellChange): string {
  const enter = variables.flatMap(({ name, value }) => [
    `if set -q ${name}; set -g ${saved(name)} $${name}; else; set -e ${saved(name)}; end`,
    value === undefined ? `set -e ${name}` : `set -gx ${name} ${quoteFish(value)}`,
  ]);
  const leave = variables.map(
    ({ name }) =>
      `        if set -q ${saved(name)}; set -gx ${name} $${saved(name)}; set -e ${saved(name)}; else; set -e ${name}; end`,
  );
  return `if set -q _OLD_VIRTUAL_PATH; and functions -q deactivate
    deactivate
end

function deactivate --description 'Leave the environment'
    if set -q _OLD_VIRTUAL_PATH
        set -gx PATH $_OLD_VIRTUAL_PATH
        set -e _OLD_VIRTUAL_PATH
${leave.join("\n")}
        if set -q _OLD_FISH_PROMPT_OVERRIDE; and functions -q _old_fish_prompt
            set -e _OLD_FISH_PROMPT_OVERRIDE
            functions -e fish_prompt
            functions -c _old_fish_prompt fish_prompt
            functions -e _old_fish_prompt _old_virtual_status
        end
    end
    if test "$argv[1]" != nondestructive
        functions -e deactivate
    end
end

set -g _OLD_VIRTUAL_PATH $PATH
${path.length === 0 ? "" : `set -gx PATH ${path.map(quoteFish).join(" ")} $PATH\n`}${enter.join("\n")}
if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; and functions -q fish_prompt; and not functions -q _old_fish_prompt
    functions -c fish_prompt _old_fish_prompt
    set -g _OLD_FISH_PROMPT_OVERRIDE 1
    function _old_virtual_status
        return $argv[1]
    end
    function fish_prompt
        set -l before $status
        printf '(%s) ' ${quoteFish(prompt)}
        _old_virtual_status $before
        _old_fish_prompt
    end
end
`;
}
