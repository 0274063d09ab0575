import type { Pinned, Realized } from "../../core/engine.ts";
import { type EnvironmentRecord, placeAt } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { EMPTY_LOCK, type Lock, lockDigest } from "../../core/lock.ts";
import { checkEnvironmentName, newId } from "../../core/names.ts";
import { type Operation, throwIfStopped } from "../../core/operation.ts";
import { changeBetween, type RelaxedRequirement } from "../../core/package-change.ts";
import type { ByHand, PackageHome } from "../../core/package-home.ts";
import { asksForPackages, type EnvironmentSpec, type RequirementsSpec } from "../../core/spec.ts";
import { refuseTracked } from "../../git/tracked.ts";
import { foldersAround, gitFolderAround, liesBelow } from "../../platform/inside.ts";
import { ownerOf } from "../../project/pointer.ts";
import type { Context } from "../context.ts";
import { launchOf } from "../launch.ts";
import { withoutSecrets } from "../packages/asked-secrets.ts";
import { fitted } from "../packages/full-only.ts";
import { homeOf, hostOf } from "../packages/home.ts";
import { resolveRelaxed } from "../packages/relaxed.ts";
import { need, type ResolveOptions, resolvePackages } from "../packages/resolve.ts";
import { inWords, rootsOf } from "../packages/roots.ts";
import { pinHeld } from "../rules.ts";
import { type Held, holdNew } from "./hold.ts";
import type { Life } from "./life.ts";
import { placeToCreate, refuseTooLarge, refuseTooMany } from "./limits.ts";
import { checkRoom, lockSize, NO_SIZE } from "./room.ts";
import { verifyIsolation } from "./verify.ts";

/** What is recorded of an environment beside its spec; the cache key is set for those behind `run --with`. */
type RecordedLife = Life & Pick<EnvironmentRecord, "cacheKey"> & Partial<Pick<EnvironmentRecord, "labels">>;

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
  /** Of a clone. */
  readonly carried?: Carried;
}

/** What a clone gets from its original besides the lock. */
export interface Carried extends ByHand {
  /** The original's. */
  readonly home: PackageHome;
  /** Names of its private trees. */
  readonly trees: readonly string[];
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
 * @throws SKE-HOOK-REFUSED, SKE-ENV-TRACKED and whatever the interpreter and the packages fail with
 */
export async function prepare(
  context: Context,
  asked: EnvironmentSpec,
  { resolve = false, verb, ...options }: PrepareOptions,
  op: Operation,
): Promise<Prepared> {
  const { credentials } = context;
  const told = { ...asked, packages: withoutSecrets(asked.packages, credentials) };
  const { spec: answer } = await context.hooks.ask("before-create", { spec: told }, op);
  const created = { ...answer, packages: withoutSecrets(answer.packages, credentials) };
  credentials.learn(created.secrets, context.env);
  checkEnvironmentName(created.name);
  const wanted = { ...created, packages: await allowedPackages(context, created.packages, op) };
  const pinned = await pinHeld(context.engines.get(wanted.engine), wanted, op);
  // Where it lies may be for the engine to say.
  const { prefix } = pinned.spec;
  if (prefix !== undefined) refusePlace(context, prefix);
  const spec = prefix === undefined ? wanted : { ...wanted, prefix };
  if (!asksForPackages(spec.packages)) return { spec, pinned, lock: undefined, at: Date.now() };
  const target = need(pinned.target, spec.name, "hold packages");
  const command = verb && { verb, environment: spec.name, ...spec.packages };
  const attempt = (relaxed: readonly RelaxedRequirement[]) =>
    resolvePackages(context, { target, spec }, { ...options, ...(command ? { command } : {}), relaxed }, op);
  if (!resolve) return fitted({ spec, pinned, ...(await attempt([])) });
  const { resolution, relaxed } = await resolveRelaxed(attempt);
  // What is recorded is what is true.
  const { constraints } = spec.packages;
  const packages = relaxed.length > 0 ? { ...rootsOf(resolution.lock), constraints } : spec.packages;
  return fitted({ spec: { ...spec, packages }, pinned, ...resolution, relaxed });
}

/** @throws SKE-USAGE for a prefix in the state, in a git folder or in another environment; SKE-ENV-TRACKED */
function refusePlace({ paths }: Context, prefix: string): void {
  const why = whyReserved(prefix, paths.home);
  if (why !== undefined) {
    throw new SkerryError("SKE-USAGE", `No environment can be created in ${prefix}: it lies in ${why}`, {
      hint: "name another folder with --prefix, such as .venv",
    });
  }
  refuseTracked(prefix);
}

function whyReserved(prefix: string, home: string): string | undefined {
  if (liesBelow(prefix, home)) return `the state folder ${home}`;
  const folder = gitFolderAround(prefix);
  if (folder !== undefined) return `${folder}, which is git's`;
  const around = foldersAround(prefix)
    .slice(1)
    .find((at) => ownerOf(at) !== undefined);
  return around && `${around}, which is another environment`;
}

/** What the hooks for packages make of those that an environment begins with. @throws SKE-HOOK-REFUSED */
export async function allowedPackages(
  context: Context,
  packages: RequirementsSpec,
  op: Operation,
): Promise<RequirementsSpec> {
  if (!asksForPackages(packages)) return packages;
  const { add } = await context.hooks.ask("before-install", { environment: null, add: packages, remove: [] }, op);
  return withoutSecrets(add, context.credentials);
}

/**
 * Makes a spec real: reserves the name and notes the intent, builds, installs, verifies, then commits `ready`. Any
 * failure or kill leaves nothing.
 * @throws SKE-ENV-EXISTS, SKE-LIMIT, SKE-IO when there is no room, and whatever the packages and the engine fail with
 */
export async function createEnvironment(
  context: Context,
  prepared: Omit<Prepared, "at">,
  life: RecordedLife,
  op: Operation,
): Promise<EnvironmentRecord> {
  const [record] = await createEnvironments(context, [prepared], life, op);
  return record!;
}

/** The same for several: all become ready in one transaction, or none is left. */
export async function createEnvironments(
  context: Context,
  prepared: readonly Omit<Prepared, "at">[],
  life: RecordedLife,
  op: Operation,
): Promise<EnvironmentRecord[]> {
  const started = performance.now();
  const sizes = prepared.map(({ lock, pinned }) =>
    lock && pinned.target.ok ? lockSize(context, lock, pinned.target.use.identity) : NO_SIZE,
  );
  // What only points at packages that are there is made in milliseconds, faster than a place is found.
  const isWork = prepared.some(({ lock, spec }, n) => lock && (spec.mode === "full" || !sizes[n]!.isStored));
  using _place = isWork ? await placeToCreate(context, op) : undefined;
  const { max_environments, max_env_size } = await context.safeConfig();
  for (const [n, { spec }] of prepared.entries()) {
    const size = sizes[n]!;
    refuseTooLarge(spec.name, size.stored + size.archives, max_env_size);
    checkRoom(context, spec, size);
  }
  await using all = new AsyncDisposableStack();
  const held: Held[] = [];
  for (const _ of prepared) held.push(all.use(await holdNew(context, newId(), op)));
  const reserved = context.ledger.write(() =>
    prepared.map((one, n) => reserve(context, one, { ...life, held: held[n]!, most: max_environments })),
  );
  const built: Built[] = [];
  for (const [n, one] of prepared.entries()) {
    const approve = (bytes: number) => refuseTooLarge(one.spec.name, bytes, max_env_size);
    built.push(await build(context, one, { reserved: reserved[n]!, approve }, op));
  }
  throwIfStopped(op);
  const tell = context.ledger.write(() =>
    built.map((one, n) => commit(context, one, held[n]!, (performance.now() - started) / built.length)),
  );
  for (const each of tell) each(op);
  return built.map(({ record }) => record);
}

/** An environment that lacks nothing but to be recorded as ready. */
interface Built {
  readonly prepared: Omit<Prepared, "at">;
  readonly record: EnvironmentRecord;
  readonly realized: Realized;
}

async function build(
  context: Context,
  prepared: Omit<Prepared, "at">,
  { reserved, approve }: { readonly reserved: EnvironmentRecord; readonly approve: (bytes: number) => void },
  op: Operation,
): Promise<Built> {
  const { spec, pinned, lock, carried } = prepared;
  const realized = await context.engines.get(spec.engine).create(pinned.spec, placeAt(reserved.place), op);
  const from = { lock: EMPTY_LOCK, trees: [] };
  const home = () => homeOf(context, reserved, realized);
  if (carried) await home().copyTrees(carried.home, carried.trees);
  const move = { from, lock: carried?.lock ?? lock ?? EMPTY_LOCK, approve, trees: carried?.trees };
  const after = lock ? await home().apply(hostOf(context), move, op) : from;
  if (carried) await home().copyFiles(carried.home, carried.paths);
  const digest = lock ? lockDigest(lock) : null;
  await verifyIsolation(context, realized, { spec, lock: digest }, op);
  const record: EnvironmentRecord = {
    ...reserved,
    status: "ready",
    state: realized.state,
    lock: digest,
    trees: after.trees,
  };
  return { prepared, record, realized };
}

/** Call it inside a transaction. @returns tells the event, once it is committed */
function commit(context: Context, built: Built, held: Held, durationMs: number): (op: Operation) => void {
  const { prepared, record, realized } = built;
  const { spec, pinned, lock } = prepared;
  const python = pinned.target.ok ? pinned.target.use.identity.version : undefined;
  const { status, state, lock: digest, trees, cacheKey } = record;
  const change = { status, state, lock: digest, trees, ...launchOf(context, record, realized) };
  if (!context.ledger.environments.update(record.id, change)) {
    throw new SkerryError("SKE-ENV-NOT-FOUND", `${spec.name} was removed while it was being created`, {
      hint: "create it again",
    });
  }
  held.end();
  // Cached ones are never changed.
  if (cacheKey === null) context.ledger.history.append(record.id, beginning(record, lock));
  return context.events.record(
    "environment.created",
    { engine: spec.engine, ...(python === undefined ? {} : { python }), cached: cacheKey !== null },
    { environment: record, durationMs },
  );
}

function beginning({ lock: digest, trees, spec: { packages } }: EnvironmentRecord, lock: Lock = EMPTY_LOCK) {
  const change = changeBetween(EMPTY_LOCK, lock);
  return { lock: digest, trees, packages, operation: "create", asked: inWords(packages), change } as const;
}

/** Call it inside a transaction. @throws SKE-ENV-EXISTS */
function reserve(
  context: Context,
  { spec, pinned, lock }: Omit<Prepared, "at">,
  { held, most, ...life }: RecordedLife & { readonly held: Held; readonly most: number },
): EnvironmentRecord {
  const { id } = held;
  const now = Date.now();
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
    labels: {},
    ...life,
  };
  if (life.cacheKey === null) {
    refuseTaken(context, spec.name);
    refuseTooMany(context, spec.name, most);
  }
  context.ledger.environments.insert(record);
  const uses =
    lock && pinned.target.ok ? { lock: context.ledger.locks.put(lock), target: pinned.target.use.identity } : {};
  held.begin({ kind: "create", ...uses });
  return record;
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
