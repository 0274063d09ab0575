import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";

/** How long pipes may stay open after a program has ended: something that it left running in the background holds them. */
const DRAIN_MS = 1000;

/** How a child ended; one of the two is null. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Settles when a child has ended and its pipes are read to the end, or a second after it; rejects when it can't start. */
export function childEnd(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, signal });
      }, DRAIN_MS);
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal });
    });
  });
}

/** The exit status as a shell has it: 128 + n when signal n ended the program. */
export function exitStatus({ code, signal }: ChildEnd): number {
  return signal === null ? (code ?? 0) : 128 + constants.signals[signal];
}
