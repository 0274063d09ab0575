import type { Pinned } from "../core/engine.ts";
import { type EnvironmentRecord, placeAt } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import type { Json } from "../core/json.ts";
import { EMPTY_LOCK, type Lock } from "../core/lock.ts";
import { checkEnvironmentName, newId } from "../core/names.ts";
import { type Operation, operation } from "../core/operation.ts";
import { changeBetween, type RelaxedRequirement } from "../core/package-change.ts";
import { asksForPackages, type EnvironmentSpec, type RequirementsSpec } from "../core/spec.ts";
import { selfIdentity } from "../platform/identity.ts";
import { applyPackages } from "./apply.ts";
import { type Context, realizedOf } from "./context.ts";
import { forget } from "./destroy.ts";
import { launchOf } from "./launch.ts";
import type { Life } from "./life.ts";
import { placeToCreate, refuseTooLarge, refuseTooMany } from "./limits.ts";
import { resolveRelaxed } from "./relaxed.ts";
import { need, type ResolveOptions, resolvePackages } from "./resolve.ts";
import { checkRoom, lockSize, NO_SIZE } from "./room.ts";
import { inWords, rootsOf } from "./roots.ts";
import type { CreatePayload } from "./store-use.ts";
import { verifyIsolation } from "./verify.ts";

/** A spec that hooks have seen and that was found to be possible: nothing of it was made yet. */
export interface Prepared {
  readonly spec: EnvironmentSpec;
  readonly pinned: Pinned;
  /** Undefined when no packages are asked for. */
  readonly lock: Lock | undefined;
  /** When the packages were resolved, in milliseconds since 1970. */
  readonly at: number;
  /** What was changed of what was asked for, on request. */
  readonly relaxed?: readonly RelaxedRequirement[];
}

/** How the packages of a new environment are resolved. */
export interface PrepareOptions extends Pick<ResolveOptions, "refresh" | "preferences"> {
  /** On a conflict, take the least change of a bound with which it fits. */
  readonly resolve?: boolean;
  /** The command on whose behalf it is, where it can be given other requirements. */
  readonly verb?: "create";
}

/**
 * Asks the hooks, makes the spec exact and resolves its packages: whatever can be wrong with what was asked is found
 * here, before anything is written.
 * @throws SKE-HOOK-REFUSED and whatever the interpreter and the packages fail with
 */
export async function prepare(
  context: Context,
  asked: EnvironmentSpec,
  { resolve = false, verb, ...options }: PrepareOptions,
  op: Operation,
): Promise<Prepared> {
  const { spec: created } = await context.hooks.ask("before-create", { spec: asked }, op);
  checkEnvironmentName(created.name);
  const spec = { ...created, packages: await allowedPackages(context, created.packages, op) };
  const pinned = await context.engines.get(spec.engine).pin(spec, op);
  if (!asksForPackages(spec.packages)) return { spec, pinned, lock: undefined, at: Date.now() };
  const target = need(pinned.target, spec.name, "hold packages");
  const command = verb && { verb, environment: spec.name, ...spec.packages };
  const attempt = (relaxed: readonly RelaxedRequirement[]) =>
    resolvePackages(context, target, spec, { ...options, ...(command ? { command } : {}), relaxed }, op);
  if (!resolve) return { spec, pinned, ...(await attempt([])) };
  const { resolution, relaxed } = await resolveRelaxed(attempt);
  // What is recorded is what is true.
  const { constraints } = spec.packages;
  const packages = relaxed.length > 0 ? { ...rootsOf(resolution.lock), constraints } : spec.packages;
  return { spec: { ...spec, packages }, pinned, ...resolution, relaxed };
}

/** What the hooks for packages make of those that an environment begins with. @throws SKE-HOOK-REFUSED */
async function allowedPackages(context: Context, packages: RequirementsSpec, op: Operation): Promise<RequirementsSpec> {
  if (!asksForPackages(packages)) return packages;
  const { add } = await context.hooks.ask("before-install", { environment: null, add: packages, remove: [] }, op);
  return add;
}

/**
 * Makes a spec real: reserves the name and notes the intent, builds, installs, verifies, then commits `ready`. Any
 * failure or kill leaves nothing.
 * @param life how long it lives; its cache key is set for the environments behind `run --with`
 * @throws SKE-ENV-EXISTS, SKE-LIMIT, SKE-IO when there is no room, and whatever the packages and the engine fail with
 */
export async function createEnvironment(
  context: Context,
  { spec, pinned, lock }: Omit<Prepared, "at">,
  life: Life & Pick<EnvironmentRecord, "cacheKey">,
  op: Operation,
): Promise<EnvironmentRecord> {
  const started = performance.now();
  const engine = context.engines.get(spec.engine);
  const size = lock && pinned.target.ok ? lockSize(context, lock, pinned.target.use) : NO_SIZE;
  // What only points at packages that are there is made in milliseconds, faster than a place is found.
  const isWork = lock !== undefined && (spec.mode === "full" || !size.isStored);
  using _place = isWork ? await placeToCreate(context, op) : undefined;
  const { max_environments, max_env_size } = await context.safeConfig();
  const approve = (bytes: number) => refuseTooLarge(spec.name, bytes, max_env_size);
  approve(size.stored + size.archives);
  checkRoom(context, spec, size);
  const reserved = reserve(context, { spec, pinned, lock }, life, max_environments);
  const intent = reserved.intent;
  const place = placeAt(reserved.record.place);
  try {
    const realized = await engine.create(pinned.spec, place, op);
    const empty = { lock: EMPTY_LOCK, trees: [] };
    const { trees } = lock
      ? await applyPackages(context, reserved.record, realized, { from: empty, lock, approve }, op)
      : empty;
    await verifyIsolation(context, spec, realized, lock ? context.ledger.locks.digestOf(lock) : null, op);
    const record: EnvironmentRecord = {
      ...reserved.record,
      status: "ready",
      state: realized.state,
      lock: lock ? context.ledger.locks.digestOf(lock) : null,
      trees,
    };
    const python = pinned.target.ok ? pinned.target.use.version : undefined;
    const tell = context.ledger.write(() => {
      const { status, state, lock: digest, trees: own } = record;
      const change = { status, state, lock: digest, trees: own, ...launchOf(record, realized) };
      if (!context.ledger.environments.update(record.id, change)) {
        throw new SkerryError("SKE-ENV-NOT-FOUND", `${spec.name} was removed while it was being created`, {
          hint: "create it again",
        });
      }
      context.ledger.intents.end(intent);
      // Cached ones are never changed.
      if (life.cacheKey === null) context.ledger.history.append(record.id, beginning(record, lock));
      return context.events.record(
        "environment.created",
        { engine: spec.engine, ...(python === undefined ? {} : { python }), cached: record.cacheKey !== null },
        { environment: record, durationMs: performance.now() - started },
      );
    });
    tell();
    return record;
  } catch (error) {
    await takeBack(context, reserved.record);
    throw error;
  }
}

function beginning({ lock: digest, trees, spec: { packages } }: EnvironmentRecord, lock: Lock = EMPTY_LOCK) {
  const change = changeBetween(EMPTY_LOCK, lock);
  return { lock: digest, trees, packages, operation: "create", asked: inWords(packages), change } as const;
}

/** Removes what a failed creation made. It goes on when the operation was stopped, and never hides why it failed. */
async function takeBack(context: Context, record: EnvironmentRecord): Promise<void> {
  try {
    await realizedOf(context, { ...record, state: null }).destroy(operation());
    context.ledger.write(() => forget(context, record.id));
  } catch (error) {
    // The intent stays: recovery takes it up once this process has ended.
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}

function reserve(
  context: Context,
  { spec, pinned, lock }: Omit<Prepared, "at">,
  life: Life & Pick<EnvironmentRecord, "cacheKey">,
  most: number,
): { record: EnvironmentRecord; intent: number } {
  const now = Date.now();
  const id = newId(now);
  const record: EnvironmentRecord = {
    id,
    name: spec.name,
    engine: spec.engine,
    status: "creating",
    spec,
    state: null,
    place: `${context.paths.envs}/${id}`,
    lock: null,
    trees: [],
    createdAt: now,
    updatedAt: now,
    usedAt: now,
    pinned: false,
    failed: false,
    ...life,
  };
  return context.ledger.write(() => {
    if (life.cacheKey === null) {
      refuseTaken(context, spec.name);
      refuseTooMany(context, spec.name, most);
    }
    context.ledger.environments.insert(record);
    const payload: CreatePayload =
      lock && pinned.target.ok ? { lock: context.ledger.locks.put(lock), target: pinned.target.use } : {};
    return { record, intent: context.ledger.intents.begin(id, "create", { ...payload } as Json, selfIdentity()) };
  });
}

/** @throws SKE-ENV-EXISTS when a named environment has the name */
export function refuseTaken(context: Context, name: string): void {
  const holder = context.ledger.environments.byName(name);
  if (!holder) return;
  const creating = holder.status === "creating";
  const why = creating
    ? "another process is creating an environment of this name"
    : "an environment has this name already";
  throw new SkerryError("SKE-ENV-EXISTS", `Could not create ${name}: ${why}`, {
    hint: creating
      ? "wait for it, or choose another name"
      : `choose another name, or remove it with: skerry rm ${name}`,
    details: { name, id: holder.id },
  });
}
