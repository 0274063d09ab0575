import type { Process, ProcessIdentity } from "../core/process.ts";
import { isAlive } from "../platform/identity.ts";
import { ProcessTree, toolCookie } from "./tree.ts";

/** What can be stopped: a process of any engine, or what is left of one. */
export type Stoppable = Pick<Process, "signal" | "isRunning">;

/** How long a killed tree may take to be gone: a process can be stuck in the kernel (state D) for as long as it likes. */
const KILL_MS = 10_000;

/**
 * Stops a command and all its descendants: SIGINT, then SIGTERM, then SIGKILL, `graceMs` apart; 0 kills at once.
 * @returns false when something of it was still there after 10 s of killing
 */
export async function stopProcess(process: Stoppable, graceMs = 5000): Promise<boolean> {
  const isGone = async () => !(await process.isRunning());
  for (const signal of graceMs > 0 ? (["SIGINT", "SIGTERM"] as const) : []) {
    await process.signal(signal, "tree");
    if (await settles(isGone, graceMs)) return true;
  }
  // Again and again: what is being killed may just have started something.
  const kill = async () => {
    await process.signal("SIGKILL", "tree");
    return isGone();
  };
  return settles(kill, KILL_MS);
}

async function settles(done: () => Promise<boolean>, ms: number): Promise<boolean> {
  const end = performance.now() + ms;
  for (let pause = 5; !(await done()); pause = Math.min(pause * 1.5, 100)) {
    if (performance.now() >= end) return false;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return true;
}

/** All that this process has started and that hasn't ended. */
const started = new Set<Stoppable>();

/** Counts a command among those that {@link killStarted} ends, until what is given back is called. */
export function countStarted(process: Stoppable): () => void {
  started.add(process);
  return () => void started.delete(process);
}

/** Kills all that this process has started and that hasn't ended, with all descendants. Settles as {@link stopProcess} does. */
export async function killStarted(): Promise<void> {
  // One that nobody reaches keeps no other alive.
  await Promise.allSettled([...started].map((process) => stopProcess(process, 0)));
}

/** Kills the tools, and what they started, of a process that has ended. */
export async function killToolsOf(gone: ProcessIdentity): Promise<void> {
  if (isAlive(gone)) return;
  await stopProcess(new ProcessTree({ ...gone, cookie: toolCookie(gone) }), 0);
}
