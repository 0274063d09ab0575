import type { Activation } from "../../core/engine.ts";
import { SkerryError } from "../../core/error.ts";
import { type Code, code } from "../../core/script.ts";

/** What a shell's code has to do: one entry a variable, PATH apart. */
export interface ShellChange {
  /** Folders to put first on PATH. */
  readonly path: readonly string[];
  /** Undefined: unset it. */
  readonly variables: readonly { readonly name: Code; readonly value: string | undefined }[];
  /** What the prompt shows in brackets; nothing in it means something to any shell's prompt. */
  readonly prompt: string;
}

/** What code of a shell needs of an activation. */
export type ShellActivation = Omit<Activation, "missing">;

/** @throws SKE-USAGE for a variable that shells can't have, and for PATH among the variables */
export function shellChange(activation: ShellActivation, name: string): ShellChange {
  const variables = [
    ...Object.entries(activation.set).map(([variable, value]) => ({ name: nameOf(variable), value })),
    ...activation.unset
      .filter((variable) => !(variable in activation.set))
      .map((variable) => ({ name: nameOf(variable), value: undefined })),
  ];
  return { path: activation.path, variables, prompt: name.replace(/[\\$`%!\p{Cc}\u2028\u2029]/gu, "_") };
}

function nameOf(variable: string): Code {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable) && variable !== "PATH") return variable as Code;
  throw new SkerryError("SKE-USAGE", `Activation can't set the variable ${JSON.stringify(variable)} in a shell`, {
    hint: "a name has letters, digits and underscores; PATH is set by the environment itself",
  });
}

/** Where a variable's former value is kept; the names are those of other tools, so that theirs and ours can nest. */
export function saved(name: Code): Code {
  return code`_OLD_VIRTUAL_${name}`;
}
