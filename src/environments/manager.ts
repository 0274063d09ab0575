import type { FlagValues } from "../config/load.ts";
import type { Located } from "../config/locate.ts";
import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import type { Operation, OperationOptions } from "../core/operation.ts";
import type { PackageChange } from "../core/package-change.ts";
import { asksForPackages, type EnvironmentSpec } from "../core/spec.ts";
import { kindOf } from "../project/kind.ts";
import { collectAsked, collectSometimes } from "./collection/auto-collect.ts";
import type { CollectionReport } from "./collection/collect-report.ts";
import type { Configuration } from "./configuration.ts";
import { type Context, pythonVersionOf } from "./context.ts";
import { Environment } from "./environment.ts";
import type { Events } from "./events.ts";
import { findEnvironment, findIfThere } from "./find.ts";
import { lookHere, managedHere, noEnvironmentYet, refuseHere } from "./here.ts";
import type { Hooks } from "./hooks.ts";
import { cachedEnvironment } from "./lifecycle/cached.ts";
import { type CachedEnvironment, listCached } from "./lifecycle/cached-list.ts";
import { type CachedRequest, REQUEST_KIND } from "./lifecycle/cached-request.ts";
import { createEnvironment, prepare, refuseTaken } from "./lifecycle/create.ts";
import { destroyEnvironment } from "./lifecycle/destroy.ts";
import { recoverIfLeft } from "./lifecycle/hold.ts";
import type { LifeOptions } from "./lifecycle/life.ts";
import { NAMED_DEFAULTS, planCreate, resolutionOf } from "./lifecycle/plan-create.ts";
import { asksForNothing, requestKey } from "./lifecycle/request-key.ts";
import type { CreateOptions, GcOptions } from "./options.ts";
import type { PackagePlan } from "./packages/plan.ts";
import { Pythons } from "./pythons.ts";
import type { DoctorReport } from "./repair/doctor.ts";
import type { RepairReport } from "./repair/repair.ts";
import type { RepairOptions } from "./repair/repair-work.ts";
import type { SpecOptions } from "./request.ts";

/** What a {@link Manager} is made of besides its context. */
export interface Parts {
  readonly flags: FlagValues;
  readonly located: Located;
  readonly config: Configuration;
  readonly close: () => void;
}

/** The manager of environments. */
export class Manager implements AsyncDisposable {
  readonly #context: Context;
  readonly #parts: Parts;
  readonly pythons: Pythons;

  constructor(context: Context, parts: Parts) {
    this.#context = context;
    this.#parts = parts;
    this.pythons = new Pythons(context);
  }

  /** The state folder. */
  get home(): string {
    return this.#context.paths.home;
  }
  /** Facts told by all processes. */
  get events(): Events {
    return this.#context.events;
  }
  /** Questions asked before something happens, in this process. */
  get hooks(): Pick<Hooks, "add"> {
    return this.#context.hooks;
  }
  /** Names of the registered engines. */
  get engines(): readonly string[] {
    return this.#context.engines.names;
  }
  /** The configuration of the folder that this was opened in. */
  get config(): Configuration {
    return this.#parts.config;
  }
  /** An operation that tells and is stopped as this was opened to, where the options don't say otherwise. */
  operation(options: OperationOptions = {}): Operation {
    return this.#context.operation(options);
  }

  /** Creates an environment. `await using` destroys it at the end of the scope, unless `keep` is set. */
  async create(options: CreateOptions = {}): Promise<Environment> {
    const {
      keep = false,
      refresh,
      versions,
      resolve,
      signal,
      onEvent,
      cleanup,
      ttlMs,
      idleMs,
      owner,
      labels,
      ...asked
    } = options;
    const [{ labelsOf, specOf }, { lifeOf }] = await Promise.all([
      import("./request.ts"),
      import("./lifecycle/life.ts"),
    ]);
    const config = await this.#context.config();
    const spec = specOf(asked, config, this.#context.cwd, NAMED_DEFAULTS);
    const noted = labelsOf(labels);
    const life = lifeOf({ cleanup, ttlMs, idleMs, owner }, config, keep ? "never" : "exit");
    const op = this.#context.operation({ signal, onEvent });
    const { events } = this.#context;
    let relaxed: PackageChange["relaxed"];
    const make = async () => {
      const holder = this.#context.ledger.environments.byName(spec.name);
      if (holder) await recoverIfLeft(this.#context, holder.id, op);
      refuseTaken(this.#context, spec.name);
      const prepared = await prepare(this.#context, spec, resolutionOf({ refresh, resolve, versions }), op);
      relaxed = prepared.relaxed;
      return createEnvironment(this.#context, prepared, { ...life, labels: noted, cacheKey: null }, op);
    };
    const record = await events.tellFailure(op, "create", undefined, make);
    await collectSometimes(this.#context);
    return new Environment(this.#context, record, { disposeDestroys: !keep, relaxed });
  }

  /** What `create` would install, or why it can't. Changes nothing. */
  plan(options: CreateOptions = {}): Promise<PackagePlan> {
    return planCreate(this.#context, options, this.#context.operation(options));
  }

  /**
   * The environment behind `run`: thin, shared by all who ask for the same, kept until collected. With a project folder
   * in it, it is one of the caller's own: `await using` destroys it, or the end of this process does. For who asks for
   * nothing in a pixi project that has an environment, it is that.
   */
  async cached(
    options: SpecOptions & Pick<LifeOptions, "cleanup"> & OperationOptions & { readonly refresh?: boolean },
  ): Promise<Environment> {
    const { refresh = false, signal, onEvent, cleanup, ...asked } = options;
    const { cwd, env, hooks } = this.#context;
    const [{ specOf }, { lifeOf }] = await Promise.all([import("./request.ts"), import("./lifecycle/life.ts")]);
    const config = await this.#context.config();
    const life = lifeOf({ cleanup, ttlMs: 0, idleMs: 0 }, config, "exit");
    const spec = specOf({ ...asked, name: "cached" }, config, cwd, { mode: "thin", tmp: "user" });
    if (asked.prefix !== undefined || asked.name !== undefined) {
      throw new SkerryError("SKE-USAGE", "A cached environment can't have a name or prefix: it is shared", {
        hint: "create one of your own with create",
      });
    }
    const { flags, located } = this.#parts;
    const key = requestKey(asked, located, env, { flags, hooks: hooks.digest });
    const project = this.#projectEnvironment(spec, asked, key);
    if (project) return project;
    const op = this.#context.operation({ signal, onEvent });
    const make = () => cachedEnvironment(this.#context, spec, { key, refresh, life }, op);
    const record = await this.#context.events.tellFailure(op, "create", undefined, make);
    await collectSometimes(this.#context);
    return new Environment(this.#context, record, { disposeDestroys: record.owner !== null });
  }

  /** The environment of the pixi project here, for who asks for nothing else. @throws SKE-ENV-NOT-FOUND */
  #projectEnvironment(spec: EnvironmentSpec, asked: SpecOptions, key: string | undefined): Environment | undefined {
    const kind = kindOf(spec);
    if (!kind.isManaged && (!asksForNothing(asked) || asksForPackages(spec.packages) || spec.engine !== "virtualenv"))
      return undefined;
    const { ledger } = this.#context;
    const record = managedHere(this.#context);
    if (record) {
      if (key !== undefined) ledger.cache.put(REQUEST_KIND, key, { environment: record.id } satisfies CachedRequest);
      return new Environment(this.#context, record, { disposeDestroys: false });
    }
    if (!kind.isManaged) return undefined;
    throw noEnvironmentYet(kind);
  }

  /** @throws SKE-ENV-NOT-FOUND, SKE-ENV-AMBIGUOUS */
  async open(nameOrId: string): Promise<Environment> {
    return new Environment(this.#context, findEnvironment(this.#context, nameOrId), { disposeDestroys: false });
  }

  /**
   * The environment of a folder: the nearest one whose prefix is the `.venv` or `.pixi/envs/default` of it or a folder
   * above it, within the checkout; undefined where there is none.
   * @throws SKE-ENV-NOT-FOUND for a `.venv` that was copied or moved
   */
  async here(folder: string): Promise<Environment | undefined> {
    const found = lookHere({ ...this.#context, cwd: folder });
    if (found && found.relation !== "own") refuseHere(found);
    return found && new Environment(this.#context, found.record, { disposeDestroys: false });
  }

  /**
   * The record of an environment by its name, its id, or a beginning of the id that no other has (4 characters or more);
   * `.` is that of this folder: see {@link Manager.here}.
   * @throws SKE-ENV-NOT-FOUND with the near name, SKE-ENV-AMBIGUOUS
   */
  async find(nameOrId: string): Promise<EnvironmentRecord> {
    return findEnvironment(this.#context, nameOrId);
  }

  /**
   * Mends an environment: see {@link Environment.repair}. `.` may be one whose prefix was moved here.
   * @throws SKE-ENV-NOT-FOUND, SKE-ENV-AMBIGUOUS, and what repairing fails with
   */
  async repair(nameOrId: string, options: RepairOptions = {}): Promise<RepairReport> {
    const here = nameOrId === "." ? lookHere(this.#context) : undefined;
    if (here?.relation !== "moved") return (await this.open(nameOrId)).repair(options);
    const environment = new Environment(this.#context, here.record, { disposeDestroys: false });
    return environment.repair({ ...options, prefix: here.prefix });
  }

  /** The named environments, or the cached ones, oldest first. */
  async list(options: { readonly cached?: boolean } = {}): Promise<EnvironmentRecord[]> {
    return this.#context.ledger.environments.list(options);
  }

  /** The environments that have a label of this name, oldest first. */
  async labelled(name: string): Promise<EnvironmentRecord[]> {
    return this.#context.ledger.environments.labelled(name);
  }

  /** Version of the Python of an environment; undefined for one that is being made, and of an engine that tells none. */
  async pythonVersion(record: EnvironmentRecord): Promise<string | undefined> {
    return pythonVersionOf(this.#context, record);
  }

  /** The cached environments with what they take and who uses them, the last used first. */
  listCached(): Promise<CachedEnvironment[]> {
    return listCached(this.#context, this.#context.operation());
  }

  /**
   * Removes what nobody uses: cached environments, and what of the store no environment has. What is in use, or is being
   * made at the moment, stays. Absent limits are those of the configuration.
   * @throws SKE-LOCKED while another process collects, SKE-IO
   */
  async gc(options: GcOptions = {}): Promise<CollectionReport> {
    const op = this.#context.operation(options);
    return this.#context.events.tellFailure(op, "gc", undefined, () => collectAsked(this.#context, options, op));
  }

  /** Removes an environment. @returns false when there was none */
  async destroy(nameOrId: string, options: { readonly force?: boolean } & OperationOptions = {}): Promise<boolean> {
    const found = findIfThere(this.#context, nameOrId);
    return (
      found !== undefined && destroyEnvironment(this.#context, found.id, options, this.#context.operation(options))
    );
  }

  /** What works on this machine and what doesn't, and where ledger and reality differ; `fix` does what is safe first. */
  async doctor(options: { readonly fix?: boolean } = {}): Promise<DoctorReport> {
    const { doctor } = await import("./repair/doctor.ts");
    return doctor(this.#context, options, this.#context.operation());
  }

  /** Closes the connection to the state. Environments stay as they are. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.close();
  }
}
