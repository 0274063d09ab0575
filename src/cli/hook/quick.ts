import { leaveLogs } from "../../platform/write-ahead-log.ts";
import { needOf } from "../../worktrees/need.ts";
import { departed } from "../../worktrees/prune.ts";
import { writeAnswer } from "./answer.ts";
import { type Around, type Found, lookAround, lookAt } from "./around.ts";
import { AGAIN, HOOK_SHELLS } from "./shells.ts";

/**
 * Answers a shell that has to enter or leave, which is nearly always all there is to do.
 * @returns false when nothing was answered, for something is to be told first, or the shell asks for more
 */
export async function answerQuickly(words: readonly string[]): Promise<boolean> {
  const [shell, again] = words;
  if (!HOOK_SHELLS.some((name) => name === shell) || (again ?? AGAIN[0]) !== AGAIN[0] || words.length > 2) return false;
  try {
    const { env } = process;
    const around = await lookAround({ cwd: process.cwd(), env, home: undefined });
    const found = lookAt(around);
    writeAnswer(words, env, found, await isMore(around, found, env));
    return true;
  } catch {
    return false;
  } finally {
    leaveLogs();
  }
}

async function isMore(
  { worktree, ledger, labelled }: Around,
  { refused }: Found,
  env: NodeJS.ProcessEnv,
): Promise<boolean> {
  if (!ledger) return false;
  if (refused || departed(labelled).length > 0) return true;
  // What can't be told is told by whoever is asked for more.
  return (
    worktree !== undefined &&
    (await needOf(worktree, { labelled, env, cache: ledger.cache }).catch(() => "unknown")) !== undefined
  );
}
