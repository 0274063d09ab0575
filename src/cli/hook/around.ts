// On the way to every answer for a shell that went to another folder: whatever this imports is loaded then.
import { dirname, join } from "node:path";
import { type EnvironmentRecord, placeAt } from "../../core/environment.ts";
import type { Worktree } from "../../git/believe.ts";
import { checkoutsAbove, indexOf } from "../../git/checkouts.ts";
import { worktreeAt } from "../../git/worktree.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { PREFIXES } from "../../project/kind.ts";
import { MANIFESTS } from "../../project/manifests.ts";
import { LABEL } from "../../worktrees/labels.ts";
import { type Entrance, entranceTo, openLedger, standingAt } from "./place.ts";
import { type Watched, watch } from "./stamps.ts";

/** Where a shell is, and what is known of it. */
export interface Around {
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly worktree: Worktree | undefined;
  /** Undefined where there is no state yet. */
  readonly ledger: Ledger | undefined;
  /** The environments of worktrees, of all repositories. */
  readonly labelled: readonly EnvironmentRecord[];
}

/** @throws SKE-CONFIG-UNTRUSTED, SKE-CONFIG, SKE-STATE-UNSAFE, SKE-STATE-NEWER, SKE-STATE-OLDER */
export async function lookAround(at: Parameters<typeof openLedger>[0]): Promise<Around> {
  const worktree = worktreeAt(at.cwd, at.env);
  const ledger = await openLedger(at);
  return {
    cwd: at.cwd,
    env: at.env,
    worktree,
    ledger,
    labelled: ledger?.environments.labelled(LABEL.gitDir) ?? [],
  };
}

/** What a shell can enter here, and the files whose change would make it another. */
export interface Found extends Entrance {
  readonly worktree?: Worktree | undefined;
  readonly watched: Watched;
}

/** Looks at what stands here. Stamps come before what is read: see {@link watch}. */
export function lookAt({ cwd, env, worktree, ledger }: Around): Found {
  const standing = ledger && standingAt(cwd, env, ledger);
  const root = worktree?.root ?? cwd;
  if (!standing) {
    const absent = PREFIXES.map((prefix) => join(root, prefix, "skerry.json"));
    return { worktree, watched: { files: [], absent } };
  }
  const { prefix, record } = standing;
  const manifests = worktree ? MANIFESTS.map((name) => join(root, name)) : [];
  const indexes = checkoutsAbove(dirname(prefix)).map(indexOf);
  const watched = watch(`${placeAt(record.place).run}/hook`, [`${prefix}/skerry.json`, ...indexes, ...manifests]);
  return { worktree, watched, ...entranceTo(standing, ledger!, env) };
}
