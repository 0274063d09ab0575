import type { Holder } from "./holder.ts";
import { isHidden, namePid } from "./identity.ts";
import { isStopped } from "./kernel-locks.ts";

/** Somebody who is waited for; `since` when, in milliseconds since 1970, where that is known. */
export type Awaited = Omit<Holder, "since"> & Partial<Pick<Holder, "since">>;

/** What can be done about somebody who is waited for. */
export function hintFor(holder: Awaited): string {
  if (isAsleep(holder)) return `process ${holder.pid} is stopped: let it go on (kill -CONT ${holder.pid}), or end it`;
  return `wait for process ${holder.pid} to finish, or end it`;
}

/** `process 7 (skerry gc)` */
export function describe(holder: Awaited): string {
  return `process ${namePid(holder)} (${holder.command}${isAsleep(holder) ? ", stopped" : ""})`;
}

function isAsleep(holder: Awaited): boolean {
  return !isHidden(holder) && isStopped(holder.pid);
}
