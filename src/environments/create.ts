import { type EnvironmentRecord, placeAt } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import { EMPTY_LOCK } from "../core/lock.ts";
import { newId } from "../core/names.ts";
import type { Operation } from "../core/operation.ts";
import { asksForPackages, type EnvironmentSpec } from "../core/spec.ts";
import { selfIdentity } from "../platform/identity.ts";
import { applyPackages } from "./apply.ts";
import type { Context } from "./context.ts";
import { forget } from "./destroy.ts";
import { launchOf } from "./launch.ts";
import { need, resolvePackages } from "./resolve.ts";
import { verifyIsolation } from "./verify.ts";

/** What `create` needs besides the spec. */
export interface CreateInit {
  /** Set for the environments behind `run --with`. */
  readonly cacheKey?: string;
  /** Resolve anew, whatever was resolved before. */
  readonly refresh?: boolean;
}

/**
 * Makes a spec real: reserves the name and notes the intent, builds, installs, verifies, then commits `ready`. Any
 * failure or kill leaves nothing.
 * @throws SKE-ENV-EXISTS, SKE-HOOK-REFUSED and whatever the interpreter, the packages and the engine fail with
 */
export async function createEnvironment(
  context: Context,
  asked: EnvironmentSpec,
  init: CreateInit,
  op: Operation,
): Promise<EnvironmentRecord> {
  const started = performance.now();
  const { spec } = await context.hooks.ask("before-create", { spec: asked }, op);
  const engine = context.engines.get(spec.engine);
  if (init.cacheKey === undefined) refuseTaken(context, spec.name);
  // Whatever can be wrong with what was asked is found before anything is written.
  const pinned = await engine.pin(spec, op);
  const lock = asksForPackages(spec.packages)
    ? await resolvePackages(
        context,
        need(pinned.target, spec.name, "hold packages"),
        spec,
        { refresh: init.refresh ?? false },
        op,
      )
    : undefined;
  const reserved = reserve(context, spec, init.cacheKey ?? null);
  const intent = reserved.intent;
  const place = placeAt(reserved.record.place);
  try {
    context.ledger.intents.step(intent, "build");
    const realized = await engine.create(pinned.spec, place, op);
    context.ledger.intents.step(intent, "install");
    const empty = { lock: EMPTY_LOCK, trees: [] };
    const { trees } = lock ? await applyPackages(context, reserved.record, realized, { from: empty, lock }, op) : empty;
    await verifyIsolation(context, spec, realized, lock ? context.ledger.locks.digestOf(lock) : null, op);
    const record: EnvironmentRecord = {
      ...reserved.record,
      status: "ready",
      state: realized.state,
      lock: lock ? context.ledger.locks.digestOf(lock) : null,
      trees,
    };
    const python = (realized.state as { python?: { version?: string } } | null)?.python?.version;
    const tell = context.ledger.write(() => {
      if (lock) context.ledger.locks.put(lock);
      context.ledger.environments.update(record.id, { ...record, ...launchOf(record, realized) });
      context.ledger.intents.end(intent);
      return context.events.record(
        "environment.created",
        { engine: spec.engine, ...(python === undefined ? {} : { python }), cached: record.cacheKey !== null },
        { environment: record, durationMs: performance.now() - started },
      );
    });
    tell();
    return record;
  } catch (error) {
    const record = context.ledger.environments.byId(reserved.record.id) ?? reserved.record;
    await engine.open({ ...record, state: null }).destroy(op);
    context.ledger.write(() => forget(context, record.id));
    throw error;
  }
}

function reserve(
  context: Context,
  spec: EnvironmentSpec,
  cacheKey: string | null,
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
    cacheKey,
    createdAt: now,
    updatedAt: now,
  };
  return context.ledger.write(() => {
    if (cacheKey === null) refuseTaken(context, spec.name);
    context.ledger.environments.insert(record);
    return { record, intent: context.ledger.intents.begin(id, "create", {}, selfIdentity()) };
  });
}

function refuseTaken(context: Context, name: string): void {
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
