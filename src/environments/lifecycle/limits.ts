import { availableParallelism } from "node:os";
import { SkerryError } from "../../core/error.ts";
import type { Operation } from "../../core/operation.ts";
import { formatDuration, formatSize } from "../../core/units.ts";
import { acquireSlot } from "../../platform/slots.ts";
import { type Context, timeoutOf } from "../context.ts";

/** Waits until fewer than `max_concurrent_creates` environments are being created, first come, first served. */
export async function placeToCreate(context: Context, op: Operation): Promise<Disposable | undefined> {
  const { max_concurrent_creates: most = 2 * availableParallelism(), install_timeout } = await context.safeConfig();
  if (most === 0) return undefined;
  return acquireSlot(context.paths, "create", most, {
    timeoutMs: timeoutOf(install_timeout),
    op,
  });
}

/**
 * Call it in the transaction that adds a named environment.
 * @param most 0 for any number
 * @throws SKE-LIMIT when there are so many already
 */
export function refuseTooMany(context: Context, name: string, most: number): void {
  if (most === 0) return;
  const all = context.ledger.environments.list();
  if (all.length < most) return;
  const [oldest] = all.filter((one) => !one.pinned).sort((a, b) => a.usedAt - b.usedAt);
  const unused = oldest && formatDuration(Math.max(0, Date.now() - oldest.usedAt));
  throw new SkerryError(
    "SKE-LIMIT",
    `Could not create ${name}: there are ${all.length} environments, and max_environments is ${most}`,
    {
      hint: oldest
        ? `remove one: ${oldest.name} was last used ${unused} ago (skerry rm ${oldest.name}); or raise max_environments`
        : "remove one, for all of them are pinned; or raise max_environments",
      details: { limit: most, environments: all.length, ...(oldest ? { oldest: oldest.name } : {}) },
    },
  );
}

/**
 * @param bytes what the packages of an environment take, or at least will take
 * @param most 0 for any size
 * @throws SKE-LIMIT
 */
export function refuseTooLarge(name: string, bytes: number, most: number): void {
  if (most === 0 || bytes <= most) return;
  throw new SkerryError(
    "SKE-LIMIT",
    `The packages of ${name} would take ${formatSize(bytes)}, and max_env_size is ${formatSize(most)}`,
    { hint: "ask for fewer packages, or raise max_env_size", details: { bytes, limit: most } },
  );
}
