import { SkerryError } from "../../core/error.ts";
import { needOf } from "../../worktrees/need.ts";
import { departed } from "../../worktrees/prune.ts";
import { writeAnswer } from "../hook/answer.ts";
import { type Found, lookAround, lookAt } from "../hook/around.ts";
import { NOTHING_WATCHED } from "../hook/stamps.ts";
import type { Invocation } from "../invocation.ts";

/**
 * `skerry __hook SHELL [again|more]`: code for a shell that came to this folder, or whose files have changed, where
 * something is to be told or done besides (see quick.ts). It answers whatever happens: what can't be done is told, and
 * the shell is left as it would be without an environment.
 */
export default async function hookAnswer(invocation: Invocation): Promise<number> {
  const found = (await attempt(invocation, () => find(invocation))) ?? { watched: NOTHING_WATCHED };
  writeAnswer(invocation.operands, invocation.env, found, false);
  return 0;
}

/** Tells what fails, and goes on without. */
async function attempt<T>({ output }: Invocation, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const hint = error instanceof SkerryError ? error.hint : undefined;
    output.warn(error instanceof Error ? error.message : String(error), hint);
    return undefined;
  }
}

async function find(invocation: Invocation): Promise<Found> {
  const { library, env, output } = invocation;
  const around = await lookAround({ cwd: library.cwd, env, home: library.home });
  const { worktree, ledger, labelled } = around;
  if (departed(labelled).length > 0) await attempt(invocation, () => library.open());
  const before = lookAt(around);
  if (before.refused) {
    output.warn(before.refused.message, before.refused.hint);
    return before;
  }
  const isChanged = await attempt(invocation, async () => {
    const need = worktree && ledger && (await needOf(worktree, { labelled, env, cache: ledger.cache }));
    if (!need) return false;
    const { syncByChoice } = await import("../hook/sync.ts");
    return syncByChoice(invocation, worktree, need, ledger);
  });
  return isChanged ? lookAt(around) : before;
}
