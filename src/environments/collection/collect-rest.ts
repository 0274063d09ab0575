import { statSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "../../core/operation.ts";
import { oldTools } from "../../packages/tools.ts";
import { fileTime } from "../../platform/file-time.ts";
import { sweepLeases } from "../../platform/lease.ts";
import { emptyTrash, removeTree } from "../../platform/remove.ts";
import { sweepScratch } from "../../store/scratch.ts";
import { sweepUnfinished } from "../../store/upkeep.ts";
import type { Context } from "../context.ts";
import { LOCK_KIND } from "../packages/resolve.ts";
import { findStrays, holdsFiles, lastChange, mayBeMissed, tryDiscard } from "../repair/strays.ts";
import type { Report } from "./collect-report.ts";
import type { StoreUse } from "./store-use.ts";

const DAY_MS = 86_400_000;

/** Deletes rows of the ledger that are only kept for a time. */
export function sweepRows({ ledger }: Context, use: StoreUse, usedBefore: number, report: Report): void {
  const { cache, events, locks, processes } = ledger;
  report.rows = ledger.write(() => {
    use.refresh();
    processes.running();
    // What is cached takes no room to speak of, and is asked for within a day if ever.
    const forgotten = cache.clearBefore(Math.min(usedBefore, Date.now() - DAY_MS));
    const known = cache.values(LOCK_KIND).map(String);
    return forgotten + locks.deleteOthers([...use.locks, ...known]) + events.trim();
  });
}

interface SweepOptions {
  readonly dryRun: boolean;
  readonly usedBefore: number;
  readonly deadline: number;
  readonly isAutomatic: boolean;
}

/** Removes what lies in the state folder and belongs to nothing. */
export async function sweepFolders(
  context: Context,
  { dryRun, usedBefore, deadline, isAutomatic }: SweepOptions,
  report: Report,
  op: Operation,
): Promise<void> {
  const { paths } = context;
  const remove = async (what: Parameters<Report["add"]>[0], path: string) => {
    report.add(what, report.measure([path]));
    if (!dryRun) await removeTree(path);
  };
  for (const name of oldTools(paths)) {
    const path = join(paths.tools, name);
    await remove({ kind: "tool", id: name, name, usedAt: fileTime(statSync(path)), why: "replaced" }, path);
  }
  // Whose ledger was lost may still want them: they go only by the hand of who says so, and never with files in them.
  const strays = isAutomatic ? [] : await findStrays(context, op);
  for (const stray of strays) {
    const { id, place } = stray;
    const what = { kind: "folder", id, name: place, usedAt: lastChange(stray), why: "unrecorded" } as const;
    if (holdsFiles(stray)) report.skip(what, "holds files that Skerry didn't put there");
    else if (what.usedAt <= usedBefore && !mayBeMissed(stray)) {
      const bytes = report.measure([place]);
      const failed = dryRun ? undefined : await tryDiscard(context, stray, op);
      if (failed === undefined) report.add(what, bytes);
      else report.skip(what, failed);
    }
  }
  if (dryRun) return;
  await sweepScratch(paths);
  await sweepUnfinished(paths);
  await emptyTrash(paths);
  report.lockFiles = await sweepLeases(paths, deadline);
}
