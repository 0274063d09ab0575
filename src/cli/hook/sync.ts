import { basename } from "node:path";
import { SkerryError } from "../../core/error.ts";
import type { Worktree } from "../../git/believe.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Need } from "../../worktrees/need.ts";
import { hasAgreed } from "../invocation/confirm.ts";
import type { Invocation } from "../invocation/invocation.ts";

const WORDS: Readonly<Record<Need["what"], string>> = {
  missing: "has no environment yet",
  moved: "was moved, and its environment with it",
  outdated: "is out of date: the project's files have changed",
};

/** A no that was said to what a worktree wanted. */
const DECLINED = "worktree-declined";

/**
 * Makes a worktree's environment what the project says, as far as `auto_sync` and the user want it, and otherwise tells
 * what to type. @returns true when something was done @throws what the configuration and installing fail with
 */
export async function syncByChoice(
  invocation: Invocation,
  worktree: Worktree,
  need: Need,
  ledger: Ledger,
): Promise<boolean> {
  const { library, output, signal } = invocation;
  const { config, worktrees } = await library.open({}, { prune: false });
  const { auto_sync } = (await config.load()).values;
  if (auto_sync === "never") return false;
  const what = `${basename(worktree.root)} ${WORDS[need.what]}`;
  const init = async (known: boolean) => {
    const { done, notes } = await worktrees.init({ known, signal });
    for (const note of notes) output.say(note);
    output.say(`${basename(worktree.root)}: ${done}`);
    return true;
  };
  if (auto_sync === "always") {
    try {
      return await init(true);
    } catch (error) {
      if (!(error instanceof SkerryError) || error.code !== "SKE-WORKTREE-UNKNOWN") throw error;
    }
  }
  if (ledger.cache.get(DECLINED, worktree.gitDir)?.value === need.digest) return false;
  const answer = await hasAgreed(invocation, `${what}. Bring it up to date now?`);
  if (answer === "yes") return init(false);
  if (answer === "no") ledger.cache.put(DECLINED, worktree.gitDir, need.digest);
  else output.warn(what, "skerry worktree init");
  return false;
}
