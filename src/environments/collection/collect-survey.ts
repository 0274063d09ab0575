import type { EnvironmentRecord } from "../../core/environment.ts";
import { DiskUsage } from "../../platform/disk-usage.ts";
import { lastUse, noteUse } from "../../store/last-use.ts";
import { listStore, type StoreEntry } from "../../store/upkeep.ts";
import type { Context } from "../context.ts";
import type { Candidate } from "./collect-plan.ts";
import { StoreUse } from "./store-use.ts";

/**
 * A cached environment that was used a moment ago is about to be started in by who asked for it. The time of the last
 * use may be a minute too old.
 */
const IN_HAND_MS = 2 * 60_000;

/** A candidate with what is known of it. */
export interface Found extends Candidate {
  readonly name: string;
  /** What goes. */
  readonly parts: readonly string[];
  readonly record?: EnvironmentRecord;
  readonly entry?: StoreEntry;
  /** The time of the manifest. */
  readonly noted?: number;
}

/** Everything that may go while nobody uses it, who uses what, and how much there is of all that a limit of size counts. */
export function survey(
  context: Context,
  now: number,
  { dryRun, sizes }: { readonly dryRun: boolean; readonly sizes: boolean },
) {
  const { ledger, paths } = context;
  const use = new StoreUse(context);
  use.refresh();
  const uses = use.lastUses();
  const changing = new Set(ledger.intents.list().map((intent) => intent.environment));
  const running = new Set(ledger.write(() => ledger.processes.running()).map((row) => row.environment));
  let total = 0;
  const candidates: Found[] = [];
  for (const record of ledger.environments.list({ cached: true })) {
    const { id, name, usedAt, place } = record;
    const bytes = sizes ? new DiskUsage().add(place) : 0;
    total += bytes;
    const isIdle = record.status === "ready" && !record.pinned && !changing.has(id) && !running.has(id);
    if (isIdle && usedAt <= now - IN_HAND_MS)
      candidates.push({ kind: "environment", id, name, usedAt, bytes, parts: [place], record });
  }
  for (const entry of listStore(paths)) {
    const { kind, key, name, bytes } = entry;
    total += bytes;
    use.hold(key, entry.trees);
    // Noted for the time when these environments are gone.
    const lately = uses.get(key) ?? 0;
    if (!dryRun) noteUse(entry.manifest, lately);
    const noted = dryRun ? entry.usedAt : lastUse(entry.manifest);
    candidates.push({
      kind,
      id: key,
      name,
      usedAt: Math.max(noted, lately),
      bytes,
      parts: [entry.root, entry.manifest],
      entry,
      noted,
    });
  }
  return { candidates, use, total };
}
