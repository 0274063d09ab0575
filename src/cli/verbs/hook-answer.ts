import { SkerryError } from "../../core/error.ts";
import type { Found } from "../hook/around.ts";
import { AGAIN, HOOK_SHELLS } from "../hook/shells.ts";
import type { Invocation } from "../invocation/invocation.ts";
import type { Verb } from "../verb.ts";

/**
 * `skerry __hook SHELL [again|more]`: code for a shell that came to this folder, or whose files have changed, where
 * something is to be told or done besides (see quick.ts). It answers whatever happens: what can't be done is told, and
 * the shell is left as it would be without an environment.
 */
export default {
  summary: "Print what a shell is to do in this folder; for the code of skerry hook",
  operands: [
    { name: "SHELL", description: "One of bash, zsh, fish", choices: HOOK_SHELLS },
    { name: "AGAIN", description: "The shell was answered before, and told of more", choices: AGAIN, optional: true },
  ],
  options: {},
  examples: [],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { writeAnswer } = await import("../hook/answer.ts");
  const { NOTHING_WATCHED } = await import("../hook/stamps.ts");
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
  const { lookAround, lookAt } = await import("../hook/around.ts");
  const { departed } = await import("../../worktrees/prune.ts");
  const { needOf } = await import("../../worktrees/need.ts");
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
