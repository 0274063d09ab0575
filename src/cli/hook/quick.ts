import { leaveLogs } from "../../platform/write-ahead-log.ts";
import { needOf } from "../../worktrees/need.ts";
import { departed } from "../../worktrees/prune.ts";
import { AGAIN, writeAnswer } from "./answer.ts";
import { lookAround, lookAt } from "./around.ts";
import { HOOK_SHELLS } from "./shells.ts";

/**
 * Answers a shell where there is nothing to do but to enter or leave, which is nearly always.
 * @returns false when nothing was answered, for something has to be done or told first
 */
export async function answerQuickly(words: readonly string[]): Promise<boolean> {
  const [shell, again] = words;
  if (!HOOK_SHELLS.some((name) => name === shell) || words.length > 2 || (again ?? AGAIN) !== AGAIN) return false;
  try {
    const { env } = process;
    const around = await lookAround({ cwd: process.cwd(), env, home: undefined });
    const { worktree, ledger, labelled } = around;
    if (departed(labelled).length > 0) return false;
    const found = lookAt(around);
    if (worktree && ledger && (await needOf(worktree, { labelled, cache: ledger.cache }))) return false;
    writeAnswer(words, env, found);
    return true;
  } catch {
    return false;
  } finally {
    leaveLogs();
  }
}
