import { type Operation, throwIfStopped } from "../core/operation.ts";
import type { Exit, Process } from "../core/process.ts";
import { isAlive } from "../platform/identity.ts";
import { countStarted, stopProcess } from "./stop.ts";

/** For how long a command may run, and how patiently it is stopped. */
export interface Limits {
  /** Milliseconds; absent: for as long as it likes. */
  readonly timeoutMs?: number | undefined;
  /** Between interrupt, terminate and kill when its time is over or the operation is stopped, in milliseconds. */
  readonly graceMs: number;
}

/** The longest that a timer can take. */
const LONGEST_MS = 2 ** 31 - 1;

/** How a supervised command ended. */
export interface Ended extends Exit {
  /** Why it was ended, where it was; the first reason counts. */
  readonly because: "timeout" | "stop" | undefined;
  readonly durationMs: number;
}

/** A command that is ended, with all that it started, when its time is over or its operation is stopped. */
export interface Supervised {
  readonly process: Process;
  readonly ended: Promise<Ended>;
  stop(graceMs: number | undefined): Promise<void>;
}

/** Starts a command, of any engine, and looks after it until it ends. @throws SKE-INTERRUPTED, and what `launch` does */
export async function supervise(launch: () => Promise<Process>, limits: Limits, op: Operation): Promise<Supervised> {
  throwIfStopped(op);
  const { timeoutMs, graceMs } = limits;
  const began = performance.now();
  const process = await launch();
  const uncount = countStarted(process);
  let because: Ended["because"];
  let ending: Promise<unknown> | undefined;
  /** Rejects when it can't be stopped, for whoever could do it isn't reached: its end would never be told either. */
  const lost = Promise.withResolvers<never>();
  const stop = async (grace: number | undefined) => {
    const stopping = stopProcess(process, grace);
    // A later, less patient call goes on beside an earlier one.
    ending = Promise.allSettled([ending, stopping]);
    await stopping;
  };
  const end = (why: NonNullable<Ended["because"]>) => {
    // It ended in time; what it left in the background holds its output open.
    if (why === "timeout" && process.ref.kind === "local" && !isAlive(process.ref)) return;
    because ??= why;
    stop(graceMs).catch(lost.reject);
  };
  const onAbort = () => end("stop");
  op.signal.addEventListener("abort", onAbort, { once: true });
  const timer = timeoutMs === undefined ? undefined : setTimeout(end, Math.min(timeoutMs, LONGEST_MS), "timeout");
  const watch = async (): Promise<Ended> => {
    try {
      const exit = await Promise.race([process.exited, lost.promise]);
      await ending;
      return { ...exit, because, durationMs: performance.now() - began };
    } finally {
      clearTimeout(timer);
      op.signal.removeEventListener("abort", onAbort);
      uncount();
    }
  };
  if (op.signal.aborted) onAbort();
  return { process, ended: watch(), stop };
}
