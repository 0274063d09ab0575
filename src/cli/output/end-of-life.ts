import { formatDuration } from "../../core/units.ts";
import type { EnvironmentRecord } from "../../index.ts";
import { namePid } from "../../platform/identity.ts";

/** What {@link endOf} says of an environment without any policy. */
export const NEVER = "never";

/** When an environment goes by itself, for people: `in 2 h 10 min`, `with process 4242`, `never: pinned`. */
export function endOf(record: EnvironmentRecord, now = Date.now()): string {
  const { cleanup, owner, failed, pinned, createdAt, usedAt } = record;
  if (pinned) return `${NEVER}: pinned`;
  const ends = [
    ...(cleanup.ttl === undefined ? [] : [createdAt + cleanup.ttl]),
    ...(cleanup.idle === undefined ? [] : [usedAt + cleanup.idle]),
  ];
  const parts = [
    ...(owner === null || failed ? [] : [`with process ${namePid(owner)}`]),
    ...(ends.length === 0 ? [] : [inTime(Math.min(...ends) - now)]),
  ];
  if (parts.length > 0) return parts.join(" or ");
  return failed ? `${NEVER}: its last command failed` : NEVER;
}

function inTime(ms: number): string {
  return ms > 0 ? `in ${formatDuration(ms)}` : "when nothing runs in it";
}
