import { facetOf } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import { EMPTY_LOCK } from "../../core/lock.ts";
import { checkEnvironmentName, newId } from "../../core/names.ts";
import type { Operation, OperationOptions } from "../../core/operation.ts";
import type { EnvironmentSpec, PackageMode } from "../../core/spec.ts";
import { refuseTracked } from "../../git/tracked.ts";
import { type Context, realizedOf } from "../context.ts";
import { fullOnly } from "../packages/full-only.ts";
import { hostOf, stateOf } from "../packages/home.ts";
import { pinHeld } from "../rules.ts";
import { allowedPackages, type Carried, createEnvironments, type Prepared, prepare, refuseTaken } from "./create.ts";
import { hold } from "./hold.ts";
import { type LifeOptions, lifeOf } from "./life.ts";

/** How to clone an environment. */
export interface CloneOptions extends OperationOptions, Pick<LifeOptions, "owner"> {
  /** Absent: the name of the original with something random behind it. */
  readonly name?: string | undefined;
  /** Make so many, named `<name>-1` and so on: all of them or none. */
  readonly count?: number;
  /** Absent: thin, whatever the original is. */
  readonly mode?: PackageMode | undefined;
  /** Keep the clone when its handle is disposed of. */
  readonly keep?: boolean;
}

/** The most clones that are made at once. */
const MOST = 1000;

/**
 * Makes environments like one that is there: the same spec, interpreter, lock and private trees, in a place of their own.
 * What was put there by hand comes along as copies.
 * @throws SKE-ENV-EXISTS, SKE-ENV-NAME, SKE-ENV-TRACKED, SKE-HOOK-REFUSED, SKE-USAGE, SKE-LOCKED
 */
export async function cloneEnvironment(
  context: Context,
  id: string,
  options: CloneOptions,
  op: Operation,
): Promise<EnvironmentRecord[]> {
  // Several can be cloned from at a time, but not while packages change.
  await using held = await hold(context, id, "shared", op);
  const source = held.record;
  if (source.spec.prefix !== undefined) refuseTracked(source.spec.prefix);
  const names = namesOf(source, options);
  for (const name of names) refuseTaken(context, checkEnvironmentName(name));
  const { prefix: _, ...spec } = source.spec;
  const isFullOnly = fullOnly(stateOf(context, source).lock.packages) !== undefined;
  const like = { ...spec, mode: isFullOnly ? "full" : (options.mode ?? "thin") };
  const carried = await whatToCarry(context, source, like.mode);
  const prepared: Prepared[] = [];
  for (const name of names) prepared.push(await prepareClone(context, { source, carried }, { ...like, name }, op));
  const life = lifeOf({ owner: options.owner }, await context.config(), options.keep ? "never" : "exit");
  return await createEnvironments(context, prepared, { ...life, cacheKey: null }, op);
}

/** @throws SKE-USAGE */
function namesOf(source: EnvironmentRecord, { name, count }: CloneOptions): string[] {
  const stem = name ?? `${source.name}-${newId().slice(-6)}`;
  if (count === undefined) return [stem];
  if (Number.isInteger(count) && count >= 1 && count <= MOST)
    return Array.from({ length: count }, (_, n) => `${stem}-${n + 1}`);
  throw new SkerryError("SKE-USAGE", `Can't make ${count} clones: the number is from 1 to ${MOST}`, {
    hint: "for example --count 20",
  });
}

/** What another installer and the user put into the original; undefined where that isn't known. */
async function whatToCarry(
  context: Context,
  source: EnvironmentRecord,
  mode: PackageMode,
): Promise<Carried | undefined> {
  const home = facetOf(realizedOf(context, source), "layers");
  if (!home.ok) return undefined;
  const byHand = await home.use.byHand(hostOf(context), stateOf(context, source), mode);
  return { ...byHand, home: home.use, trees: source.trees };
}

/** As `prepare`, but with the original's interpreter and lock, unless a hook asks for others. */
async function prepareClone(
  context: Context,
  { source, carried }: { readonly source: EnvironmentRecord; readonly carried: Carried | undefined },
  asked: EnvironmentSpec,
  op: Operation,
): Promise<Prepared> {
  const { spec: created } = await context.hooks.ask("before-create", { spec: asked }, op);
  const spec = { ...created, packages: await allowedPackages(context, created.packages, op) };
  const same = (one: EnvironmentSpec) =>
    canonicalJson({ packages: one.packages, python: one.python ?? null, engine: one.engine } as unknown as Json);
  if (same(spec) !== same(asked)) return prepare(context, asked, {}, op);
  checkEnvironmentName(spec.name);
  const repair = facetOf(realizedOf(context, source), "repair");
  const python = repair.ok ? await repair.use.interpreter(undefined, op) : spec.python;
  const wanted = { ...spec, ...(python === undefined ? {} : { python }) };
  const pinned = await pinHeld(context.engines.get(spec.engine), wanted, op);
  const { lock } = stateOf(context, source);
  return {
    spec,
    pinned,
    lock: source.lock === null || lock === EMPTY_LOCK ? undefined : lock,
    at: Date.now(),
    ...(carried ? { carried } : {}),
  };
}
