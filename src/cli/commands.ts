import type { CommandSpec } from "./grammar.ts";
import { ENVIRONMENTS } from "./table/environments.ts";
import { MACHINE } from "./table/machine.ts";
import { PACKAGES } from "./table/packages.ts";
import { PROGRAM } from "./table/program.ts";
import { RUNNING } from "./table/running.ts";
import { TASKS } from "./table/tasks.ts";
import { WORKTREES } from "./table/worktrees.ts";

/** Every verb, in the order of the help. Data only: what a verb does is loaded when it is run. */
export const COMMANDS: readonly CommandSpec[] = [
  ...RUNNING,
  ...ENVIRONMENTS,
  ...PACKAGES,
  ...WORKTREES,
  ...TASKS,
  ...MACHINE,
  ...PROGRAM,
];

/** The verb of this name or alias. */
export function findCommand(word: string): CommandSpec | undefined {
  return COMMANDS.find((spec) => spec.name === word || spec.aliases?.includes(word));
}

/** Every word that {@link findCommand} knows and that people may type. */
export function commandWords(): string[] {
  return COMMANDS.filter((spec) => !spec.hidden).flatMap((spec) => [spec.name, ...(spec.aliases ?? [])]);
}
