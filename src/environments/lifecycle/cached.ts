import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { digest, type Json } from "../../core/json.ts";
import { newId } from "../../core/names.ts";
import type { Operation } from "../../core/operation.ts";
import type { EnvironmentSpec } from "../../core/spec.ts";
import { acquireLease } from "../../platform/lease.ts";
import { type Context, realizedOf, timeoutOf } from "../context.ts";
import { withLayer } from "../packages/layer.ts";
import { need } from "../packages/resolve.ts";
import { lostError } from "../unready.ts";
import { type CachedRequest, REQUEST_KIND } from "./cached-request.ts";
import { createEnvironment, type Prepared, prepare } from "./create.ts";
import { removeNow } from "./destroy.ts";
import { holdIfThere } from "./hold.ts";
import type { Life } from "./life.ts";

/**
 * The environment behind `run`: found by what was resolved, so that different requests which come to the same
 * packages share one; created when there is none. Read-only for its users, kept until collected. Only one with a
 * project folder in it, whose files may change at any time, is made for this request alone, and lives as `life` says.
 */
export async function cachedEnvironment(
  context: Context,
  spec: EnvironmentSpec,
  request: { readonly key: string | undefined; readonly refresh: boolean; readonly life: Life },
  op: Operation,
): Promise<EnvironmentRecord> {
  const wait = {
    mode: "exclusive",
    timeoutMs: timeoutOf((await context.safeConfig()).install_timeout),
    op,
  } as const;
  // Of many that ask for the same at once, one resolves it; the others then read what it found.
  using _asked =
    request.key === undefined ? undefined : await acquireLease(context.paths, `asked-${request.key}`, wait);
  const prepared = await prepare(context, spec, { refresh: request.refresh }, op);
  const { pinned, lock } = prepared;
  const { identity: target } = need(pinned.target, spec.name, "hold packages");
  if (lock?.packages.some((one) => one.directory)) {
    const id = newId();
    const recorded = { ...request.life, cacheKey: id };
    return await createEnvironment(context, named(prepared, `run-${id.slice(-8)}`), recorded, op);
  }
  // Not the lock's own digest: its roots, which say how it was asked for, make no difference to what is installed.
  const packages = lock && { installer: lock.installer, packages: lock.packages };
  const key = digest({ ...pinned.spec, name: null, packages: packages ?? null, target });
  using _lease = await acquireLease(context.paths, cachedLease(key), wait);
  const record =
    (await usable(context, key, op)) ??
    (await createEnvironment(
      context,
      named(prepared, `cached-${key.slice(0, 12)}`),
      { cacheKey: key, cleanup: {}, owner: null },
      op,
    ));
  if (request.key !== undefined) {
    const entry = { environment: record.id } satisfies CachedRequest;
    // As old as the versions it leads to: else they would never be looked for again.
    context.ledger.cache.put(REQUEST_KIND, request.key, entry as Json, prepared.at);
  }
  return record;
}

function named({ spec, pinned, ...rest }: Prepared, name: string): Prepared {
  return { spec: { ...spec, name }, pinned: { ...pinned, spec: { ...pinned.spec, name } }, ...rest };
}

/** The name of the lease of who makes, looks for or collects the cached environment of a key. */
export function cachedLease(key: string): string {
  return `cached-${key}`;
}

/**
 * The cached environment of a key if it is whole. One that isn't is removed, or, while commands run in it, loses its key.
 * The caller holds the key's lease, so that nobody else makes it now.
 */
async function usable(context: Context, key: string, op: Operation): Promise<EnvironmentRecord | undefined> {
  const { ledger } = context;
  const record = ledger.environments.byCacheKey(key);
  if (!record) return undefined;
  if (record.status === "ready" && !ledger.intents.of(record.id)) {
    const { state, problems } = await realizedOf(context, record).inspect(op);
    if (state === "unknown") throw lostError("use", record.name, problems);
    if (state === "ready" && problems.length === 0) {
      // Whoever asked is about to start something in it.
      ledger.environments.use(record);
      return await withLayer(context, record, op);
    }
  }
  try {
    await using held = await holdIfThere(context, record.id, "removal", op);
    if (held) await removeNow(context, held, op);
  } catch (error) {
    if (!(error instanceof SkerryError) || error.code !== "SKE-ENV-BUSY") throw error;
    ledger.environments.update(record.id, { cacheKey: record.id });
  }
  return undefined;
}
