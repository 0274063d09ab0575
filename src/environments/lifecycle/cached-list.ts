import type { EnvironmentRecord } from "../../core/environment.ts";
import type { Operation } from "../../core/operation.ts";
import type { ProcessRow } from "../../ledger/processes.ts";
import { DiskUsage } from "../../platform/disk-usage.ts";
import { type Context, pythonVersionOf } from "../context.ts";
import { runningIn } from "../running.ts";

/** A cached environment, as `ls --cached` tells of it. */
export interface CachedEnvironment extends EnvironmentRecord {
  /** Version of its interpreter; undefined for one that is being made. */
  readonly version: string | undefined;
  /** Bytes of disk that it takes beside the store: what it shares doesn't count. */
  readonly bytes: number;
  /** The commands that run in it now. */
  readonly running: readonly ProcessRow[];
}

/** The cached environments, the last used first. */
export async function listCached(context: Context, op: Operation): Promise<CachedEnvironment[]> {
  const { ledger } = context;
  const running = Map.groupBy(await runningIn(context, undefined, op), (row) => row.environment);
  return ledger.environments
    .list({ cached: true })
    .sort((a, b) => b.usedAt - a.usedAt)
    .map((record) => ({
      ...record,
      version: pythonVersionOf(context, record),
      bytes: new DiskUsage().add(record.place),
      running: running.get(record.id) ?? [],
    }));
}
