import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import { pause } from "../core/pause.ts";
import { formatDuration } from "../core/units.ts";
import { type Awaited, describe, hintFor } from "./awaited.ts";

/** How a wait goes: for how long, on whose behalf, and who is told for whom. */
export interface Patience {
  /** How long to wait. */
  readonly timeoutMs: number;
  readonly op: Operation;
  /** Called once, when there is something to wait for, with one of those who are waited for. */
  readonly onWait?: (holder: Awaited) => void;
}

/** What is waited for. */
export interface Wait<T> {
  /** The name of a lock. */
  readonly name: string;
  /** Tries to have it. */
  attempt(): T | undefined;
  /** Those who have it now. */
  holders(): readonly Awaited[];
  /** How long to pause now, in milliseconds, after so long a wait. */
  pauseMs(waitedMs: number): number;
}

/**
 * The one way to wait for what other processes hold: looks again and again, says once for whom it waits, and ends.
 * @throws SKE-LOCKED after the time-out, naming who holds it
 * @throws SKE-INTERRUPTED when the operation is stopped
 */
export async function waitFor<T>(wait: Wait<T>, { timeoutMs, op, onWait }: Patience): Promise<T> {
  const since = Date.now();
  for (let told = false; ; ) {
    const got = wait.attempt();
    if (got !== undefined) return got;
    const waited = Date.now() - since;
    if (waited >= timeoutMs) throw lockedError(wait.name, waited, wait.holders());
    if (!told) {
      const [holder, ...others] = wait.holders();
      if (holder) {
        told = true;
        onWait?.(holder);
        const more = others.length > 0 ? ` and ${others.length} more` : "";
        op.tell({ kind: "progress", phase: "wait", detail: `for ${describe(holder)}${more}` });
      }
    }
    await pause(Math.min(wait.pauseMs(waited), timeoutMs - waited), op.signal);
  }
}

/** Why a lock couldn't be had: who holds it, since when. */
export function lockedError(name: string, waited: number, holders: readonly Awaited[]): SkerryError {
  const [first] = holders;
  const forLong =
    first?.since === undefined ? "holds it" : `has held it for ${formatDuration(Date.now() - first.since)}`;
  const who = first
    ? `${describe(first)} ${forLong}${holders.length > 1 ? `, and ${holders.length - 1} more` : ""}`
    : "others took it first each time";
  return new SkerryError("SKE-LOCKED", `The lock "${name}" was not free within ${formatDuration(waited)}: ${who}`, {
    hint: first ? hintFor(first) : "try again",
    details: { lock: name, holders },
  });
}
