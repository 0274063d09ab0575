import type { ProcessRow } from "../ledger/processes.ts";
import { commandLineOf } from "../platform/command-line.ts";
import { isAlive } from "../platform/identity.ts";
import type { Context } from "./context.ts";

/** The processes that still run in an environment, or in any; rows of those that ended are removed on the way. */
export function runningIn({ ledger }: Pick<Context, "ledger">, id?: string): ProcessRow[] {
  return ledger.write(() => ledger.processes.running(id)).map(withCommandLine);
}

/** A process with its command line, which the ledger doesn't keep: arguments may be secrets, and of any length. */
export function withCommandLine(row: ProcessRow): ProcessRow {
  const command = isAlive(row.ref) ? commandLineOf(row.ref.pid) : undefined;
  return command ? { ...row, command } : row;
}
