import { printable } from "../../core/printable.ts";
import { writeErr, writeOut } from "../../platform/stdio.ts";
import type { Found } from "./around.ts";
import { changeFor } from "./change.ts";
import { renderAnswer } from "./render.ts";
import { HOOK_SHELLS } from "./shells.ts";

/**
 * Writes what a shell is to do, and tells it.
 * @param words those behind `__hook`
 * @param isMore whether something else is to be asked, told or done, which may take long or be stopped: behind this
 */
export function writeAnswer(
  words: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
  found: Found,
  isMore: boolean,
): void {
  const shell = HOOK_SHELLS.find((name) => name === words[0])!;
  const { target } = found;
  const whereabouts = { target, checkout: found.worktree?.root, isFirst: words[1] === undefined };
  const { variables, state, notes } = changeFor(env, whereabouts);
  for (const note of notes) writeErr(`skerry: ${printable(note)}\n`);
  const venv = ("VIRTUAL_ENV" in variables ? variables.VIRTUAL_ENV : env.VIRTUAL_ENV) ?? "";
  const folder = (state?.entered && target?.path[0]) ?? "";
  writeOut(renderAnswer(shell, { variables, watched: found.watched, venv, folder, isMore }));
}
