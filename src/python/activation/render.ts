import { SkerryError } from "../../core/error.ts";
import { renderCsh } from "./csh.ts";
import { renderFish } from "./fish.ts";
import { renderNu } from "./nushell.ts";
import { renderPosix } from "./posix.ts";
import { renderPowerShell } from "./powershell.ts";
import { type ShellActivation, type ShellChange, shellChange } from "./shell-change.ts";

/** One kind of shell code each: the file that a virtual environment holds, and the shells that read it. */
const KINDS: readonly { file: string; shells: readonly string[]; render: (change: ShellChange) => string }[] = [
  { file: "activate", shells: ["bash", "zsh", "ksh", "sh", "dash"], render: renderPosix },
  { file: "activate.csh", shells: ["csh", "tcsh"], render: renderCsh },
  { file: "activate.fish", shells: ["fish"], render: renderFish },
  { file: "activate.nu", shells: ["nu"], render: renderNu },
  { file: "Activate.ps1", shells: ["pwsh", "powershell"], render: renderPowerShell },
];

/** Every shell that can be activated for, by the name of its program. */
export const SHELLS: readonly string[] = KINDS.flatMap(({ shells }) => shells);

/**
 * Code that enters an environment in a running shell and defines `deactivate` there, which restores what was. For
 * `eval "$(…)"` (posix), `eval "`…`"` (csh), `… | source` (fish), a file for `overlay use` (nu), `Invoke-Expression` (pwsh).
 * An environment that is active in the shell is left first.
 * @param shell one of {@link SHELLS}
 * @param options.name shown by the prompt
 * @throws SKE-USAGE for another shell, and for a variable that a shell can't have
 */
export function renderActivation(
  shell: string,
  activation: ShellActivation,
  options: { readonly name: string },
): string {
  const kind = KINDS.find(({ shells }) => shells.includes(shell));
  if (kind) return kind.render(shellChange(activation, options.name));
  throw new SkerryError("SKE-USAGE", `Can't make activation code for the shell "${shell}"`, {
    hint: `choose one of ${SHELLS.join(", ")}`,
  });
}

/** What entering a virtual environment changes. */
export function venvActivation(prefix: string, prompt: string): ShellActivation {
  return {
    path: [`${prefix}/bin`],
    set: { VIRTUAL_ENV: prefix, VIRTUAL_ENV_PROMPT: prompt },
    unset: ["PYTHONHOME"],
    scripts: Object.fromEntries(
      KINDS.flatMap(({ file, shells }) => shells.map((shell) => [shell, `${prefix}/bin/${file}`])),
    ),
  };
}

/** Names of the {@link activationFiles}. */
export const ACTIVATION_NAMES: readonly string[] = KINDS.map(({ file }) => file);

/** The activation files of a virtual environment's bin folder, by name. */
export function activationFiles(prefix: string, prompt: string): [name: string, text: string][] {
  const change = shellChange(venvActivation(prefix, prompt), prompt);
  return KINDS.map(({ file, render }) => [file, render(change)]);
}
