import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import { type Operation, throwIfStopped } from "../core/operation.ts";
import type { ProcessRow } from "../ledger/processes.ts";
import { commandLineOf } from "../platform/command-line.ts";
import { isAlive } from "../platform/identity.ts";
import { type Context, realizedOf } from "./context.ts";

/** The processes that still run in an environment, or in any; rows of those that ended are removed on the way. */
export async function runningIn(context: Context, id: string | undefined, op: Operation): Promise<ProcessRow[]> {
  await seeEnds(context, context.ledger.processes.list(id), op);
  return context.ledger.write(() => context.ledger.processes.running(id)).map(withCommandLine);
}

/**
 * Removes those of these rows whose command ended, as its engine says. To be called before a transaction that counts what
 * runs: what nobody could tell the end of counts as running.
 */
export async function seeEnds(context: Context, rows: readonly ProcessRow[], op: Operation): Promise<void> {
  const { ledger } = context;
  for (const row of rows) {
    if (row.ref.kind === "local") continue;
    const record = ledger.environments.byId(row.environment);
    if (record && (await hasEnded(context, record, row, op))) ledger.write(() => ledger.processes.end(row));
  }
}

/** Whether somebody can tell that a command ended: its engine may not be known here at all. */
async function hasEnded(context: Context, record: EnvironmentRecord, { ref }: ProcessRow, op: Operation) {
  try {
    return (await realizedOf(context, record).attach(ref, op)) === "gone";
  } catch (error) {
    throwIfStopped(op);
    if (error instanceof SkerryError) return false;
    throw error;
  }
}

/** A process with its command line, which the ledger doesn't keep: arguments may be secrets, and of any length. */
export function withCommandLine(row: ProcessRow): ProcessRow {
  const { ref } = row;
  const command = ref.kind === "local" && isAlive(ref) ? commandLineOf(ref.pid) : undefined;
  return command ? { ...row, command } : row;
}
