import { stopped, throwIfStopped } from "../core/operation.ts";
import { acquireLease, type Lease, leaseHolders } from "./lease.ts";
import type { StatePaths } from "./paths.ts";
import { lockedError, type Patience } from "./wait.ts";

/** Those of this process that wait for a turn, by name; the first of them asks the other processes. */
const lines = new Map<string, { busy: number; readonly waiting: (() => void)[] }>();

/**
 * Takes one of `most` places under a name, waiting for it first come, first served, among all processes and within this one.
 * @throws SKE-LOCKED after `timeoutMs`, naming who holds a place
 * @throws SKE-INTERRUPTED when the operation is stopped
 */
export async function acquireSlot(
  paths: StatePaths,
  name: string,
  most: number,
  request: Patience,
): Promise<Disposable> {
  // Within a process nobody has to look again and again whether it is their turn.
  const key = `${paths.locks}\0${name}`;
  const line = lines.get(key) ?? { busy: 0, waiting: [] };
  lines.set(key, line);
  const since = Date.now();
  const late = () => lockedError(name, Date.now() - since, leaseHolders(paths, name));
  if (line.busy >= most) await turn(line.waiting, request, late);
  else line.busy++;
  const next = () => {
    const first = line.waiting.shift();
    if (first) first();
    else line.busy--;
  };
  let lease: Lease;
  try {
    const timeoutMs = Math.max(0, request.timeoutMs - (Date.now() - since));
    lease = await acquireLease(paths, name, { ...request, timeoutMs, mode: "exclusive", slots: most });
  } catch (error) {
    next();
    throw error;
  }
  return {
    [Symbol.dispose]() {
      lease.release();
      next();
    },
  };
}

/** Settles when it is this one's turn. @param late what it fails with when the time is over before */
function turn(
  waiting: (() => void)[],
  { op, timeoutMs }: Pick<Patience, "op" | "timeoutMs">,
  late: () => Error,
): Promise<void> {
  throwIfStopped(op);
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      op.signal.removeEventListener("abort", stop);
    };
    const go = () => {
      done();
      resolve();
    };
    const leave = (why: unknown) => {
      done();
      waiting.splice(waiting.indexOf(go), 1);
      reject(why);
    };
    const stop = () => leave(stopped(op.signal));
    const timer = setTimeout(() => leave(late()), timeoutMs);
    waiting.push(go);
    op.signal.addEventListener("abort", stop, { once: true });
  });
}
