import { join } from "node:path";
import { placeAt } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { PREFIXES } from "../../engines/pointer.ts";
import { detectWorktree, type Worktree } from "../../git/worktree.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { writeOut } from "../../platform/stdio.ts";
import { LABEL } from "../../worktrees/labels.ts";
import { MANIFESTS } from "../../worktrees/manifests.ts";
import { needOf } from "../../worktrees/need.ts";
import { departed } from "../../worktrees/prune.ts";
import { changeFor } from "../hook/change.ts";
import { openLedger, type Standing, standingAt } from "../hook/place.ts";
import { renderAnswer } from "../hook/render.ts";
import { HOOK_SHELLS } from "../hook/shells.ts";
import { NOTHING_WATCHED, type Watched, watch } from "../hook/stamps.ts";
import type { Invocation } from "../invocation.ts";

/**
 * `skerry __hook SHELL`: code for a shell that came to this folder, or whose files have changed. It answers whatever
 * happens: what can't be done is told, and the shell is left as it would be without an environment.
 */
export default async function hookAnswer(invocation: Invocation): Promise<number> {
  const { operands, output, env } = invocation;
  const shell = HOOK_SHELLS.find((name) => name === operands[0])!;
  const found = (await attempt(invocation, () => find(invocation))) ?? { watched: NOTHING_WATCHED };
  const whereabouts = {
    target: found.standing?.target,
    checkout: found.worktree?.root,
    isFirst: operands[1] !== "again",
  };
  const { variables, state, notes } = changeFor(env, whereabouts);
  for (const note of notes) output.say(`skerry: ${note}`);
  const after = (name: string) => (name in variables ? variables[name] : env[name]) ?? "";
  const entered = state?.entered && whereabouts.target;
  writeOut(
    renderAnswer(shell, {
      variables,
      watched: found.watched,
      venv: after("VIRTUAL_ENV"),
      folder: entered?.path[0] ?? "",
    }),
  );
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

interface Found {
  readonly worktree?: Worktree | undefined;
  readonly standing?: Standing | undefined;
  readonly watched: Watched;
}

async function find(invocation: Invocation): Promise<Found> {
  const { library, env } = invocation;
  const { cwd, home } = library;
  const at = detectWorktree(cwd, env);
  const worktree = at && "gitDir" in at ? at : undefined;
  const ledger = await openLedger({ cwd, env, home });
  if (!ledger) return look(cwd, worktree, undefined);
  const labelled = ledger.environments.labelled(LABEL.gitDir);
  if (departed(labelled).length > 0) await attempt(invocation, () => library.open());
  const before = look(cwd, worktree, ledger);
  const isChanged = await attempt(invocation, async () => {
    const need = worktree && (await needOf(worktree, { labelled, cache: ledger.cache }));
    if (!worktree || !need) return false;
    const { syncByChoice } = await import("../hook/sync.ts");
    return syncByChoice(invocation, worktree, need, ledger);
  });
  return isChanged ? look(cwd, worktree, ledger) : before;
}

/** What stands here, and the files whose change would make it another. Stamps come first: see {@link watch}. */
function look(cwd: string, worktree: Worktree | undefined, ledger: Ledger | undefined): Found {
  const standing = ledger && standingAt(cwd, ledger);
  const root = worktree?.root ?? cwd;
  if (!standing?.record) {
    const absent = PREFIXES.map((prefix) => join(root, prefix, "skerry.json"));
    return { worktree, standing, watched: { files: [], absent } };
  }
  const manifests = worktree ? MANIFESTS.map((name) => join(root, name)) : [];
  const stamps = `${placeAt(standing.record.place).run}/hook`;
  return { worktree, standing, watched: watch(stamps, [`${standing.prefix}/skerry.json`, ...manifests]) };
}
