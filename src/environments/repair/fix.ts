import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import type { Operation } from "../../core/operation.ts";
import { tryLease } from "../../platform/lease.ts";
import { emptyTrash } from "../../platform/remove.ts";
import { sweepScratch } from "../../store/scratch.ts";
import { sweepUnfinished } from "../../store/upkeep.ts";
import { type Context, environmentLease } from "../context.ts";
import { recoverAll } from "../lifecycle/recover.ts";
import { repairEnvironment } from "./repair.ts";
import { findStrays, holdsFiles, mayBeMissed, type Stray, tryDiscard } from "./strays.ts";

/** Something that `doctor --fix` did, or tried in vain. */
export interface Fix {
  /** As that of a finding. */
  readonly subject: string;
  /** What was done, or why nothing could be. */
  readonly message: string;
  readonly ok: boolean;
}

/**
 * Does what is safe: recovers what killed processes left, repairs environments but for what may be on purpose, removes
 * folders without a record that hold nothing of the user's, rows of dead processes and unfinished work.
 */
export async function fixAll(context: Context, op: Operation): Promise<Fix[]> {
  const { ledger, paths } = context;
  await recoverAll(context, op);
  const fixes: Fix[] = [];
  for (const record of [...ledger.environments.list(), ...ledger.environments.list({ cached: true })]) {
    if (record.status === "ready") fixes.push(...(await repaired(context, record, op)));
  }
  for (const stray of await findStrays(context, op)) fixes.push(...(await removeStray(context, stray, op)));
  const rows = ledger.processes.list().length;
  const dead = rows - ledger.write(() => ledger.processes.running()).length;
  if (dead > 0) fixes.push({ subject: "processes", message: `forgot ${dead} that ended`, ok: true });
  const scratch = await sweepScratch(paths);
  if (scratch > 0) fixes.push({ subject: "tmp", message: `removed unfinished work (${scratch})`, ok: true });
  await sweepUnfinished(paths);
  await emptyTrash(paths);
  return fixes;
}

async function repaired(context: Context, record: EnvironmentRecord, op: Operation): Promise<Fix[]> {
  const { id, name, cacheKey, trees } = record;
  const subject = `environment ${name}`;
  // What is shared by all who run with the same packages isn't anybody's to change on purpose.
  const safe = cacheKey === null || trees.length > 0;
  try {
    const { report } = await repairEnvironment(context, id, { safe }, op);
    if (report.mended.length === 0) return [];
    return [{ subject, message: `repaired (${report.mended.join(", ")})`, ok: true }];
  } catch (error) {
    if (!(error instanceof SkerryError) || error.code === "SKE-INTERRUPTED") throw error;
    return [{ subject, message: error.message, ok: false }];
  }
}

async function removeStray(context: Context, stray: Stray, op: Operation): Promise<Fix[]> {
  const { paths, ledger } = context;
  const { id, place } = stray;
  const subject = `folder ${id}`;
  using lease = tryLease(paths, environmentLease(id), "exclusive");
  if (!lease || ledger.environments.byId(id) !== undefined) return [];
  if (holdsFiles(stray)) return [{ subject, message: `${place} holds files: remove it yourself`, ok: false }];
  if (mayBeMissed(stray)) {
    return [{ subject, message: `${place} was used less than a day ago: remove it yourself`, ok: false }];
  }
  const failed = await tryDiscard(context, stray, op);
  if (failed !== undefined) return [{ subject, message: failed, ok: false }];
  return [{ subject, message: `removed ${place}`, ok: true }];
}
