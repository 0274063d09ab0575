import type { z } from "zod";
import type { EnvironmentRecord, Place } from "./environment.ts";
import type { Fault } from "./fault.ts";
import type { Json } from "./json.ts";
import type { Operation } from "./operation.ts";
import type { PackageHome } from "./package-home.ts";
import type { Command, ExecPlan, Process, ProcessRef, Streams } from "./process.ts";
import type { EnvironmentSpec, RuleName } from "./spec.ts";
import type { Target } from "./target.ts";
import type { Variables } from "./variables.ts";

/** A capability that is there to use, or the reason why it isn't, for people. */
export type Facet<T> =
  | { readonly ok: true; readonly use: T }
  | { readonly ok: false; readonly reason: string; readonly hint?: string };

/** A present facet. */
export function present<T>(use: T): Facet<T> {
  return { ok: true, use };
}

/** An absent facet, with its reason and what to do instead. */
export function absent(reason: string, hint?: string): Facet<never> {
  return hint === undefined ? { ok: false, reason } : { ok: false, reason, hint };
}

/** All that is needed to start commands of a local environment again without opening it: plain data for the warm path. */
export interface LaunchRecipe {
  /** Folders put first on PATH. */
  readonly path: readonly string[];
  /** Variables set after the caller's were scrubbed. */
  readonly set: Readonly<Record<string, string>>;
  /** Names of variables that the caller, or the command, has to have; they are never in `set`. Absent: none. */
  readonly secrets?: readonly string[];
  /** What must still be there as it was: a link or folder that exists, a file of this size and time. */
  readonly witnesses: readonly { readonly path: string; readonly size?: number; readonly mtimeMs?: number }[];
  /** The folder that TMPDIR of `set` names, made again where it is gone; and the one in its stead where it can't be made. */
  readonly temporary?: { readonly path: string; readonly otherwise: string };
  /** Files that must still say what they said: read only where one isn't of this size and time (null: absent) any more. */
  readonly contents?: {
    readonly files: readonly { readonly path: string; readonly size: number | null; readonly mtimeMs: number | null }[];
    /** `contentDigest` of them. */
    readonly digest: string;
  };
}

/** The environment runs on this machine as an ordinary process. */
export interface LocalFacet {
  readonly recipe: LaunchRecipe;
  /** What to execute for a command: looks at the witnesses and for the program. @throws SKE-COMMAND-NOT-FOUND, SKE-ENV-BROKEN, SKE-IO */
  plan(command: Command): ExecPlan;
  /** Variables set and unset on entering the environment, and the folders put first on PATH: for shells and hooks. */
  activation(): Activation;
}

/** What entering an environment changes in a shell. */
export interface Activation {
  readonly path: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
  /** Names of secrets of the environment that the caller hasn't got. */
  readonly missing: readonly string[];
  /** A shell script of the environment that does the same, by shell name, where there is one. */
  readonly scripts: Readonly<Record<string, string>>;
}

/** What the engine made of the environment can be looked at in detail, and made anew without touching what is the user's. */
export interface RepairFacet {
  /** What is wrong, packages apart; empty when nothing is. Changes nothing. */
  diagnose(op: Operation): Promise<readonly Fault[]>;
  /**
   * Path of the interpreter that the environment should have: the one that a request means; without a request the recorded
   * one, else the same version elsewhere, else another patch release of its line.
   * @throws SKE-PYTHON-NOT-FOUND
   */
  interpreter(request: string | undefined, op: Operation): Promise<string>;
  /**
   * Makes what is gone or wrong anew, for this interpreter. Again after a crash it leads to the same.
   * @throws SKE-ENV-EXISTS where something else stands in its place
   */
  rebuild(python: string, op: Operation): Promise<Realized>;
}

/** Every facet there is, by name. */
export interface FacetApi {
  readonly local: LocalFacet;
  readonly layers: PackageHome;
  readonly repair: RepairFacet;
}
export type FacetName = keyof FacetApi;
export const FACET_NAMES: readonly FacetName[] = ["local", "layers", "repair"];

const LEFT_OUT: { readonly [K in FacetName]: Facet<FacetApi[K]> } = {
  local: absent("its commands aren't processes of this machine", "use run or start"),
  layers: absent("it has no packages of its own", "create it with --engine virtualenv"),
  repair: absent("its engine can't mend what it made", "create it again"),
};

/** A capability of an environment, or why it is absent: engines don't name those that they know nothing of. */
export function facetOf<K extends FacetName>({ facets }: Pick<Realized, "facets">, name: K): Facet<FacetApi[K]> {
  return (facets[name] as Facet<FacetApi[K]> | undefined) ?? LEFT_OUT[name];
}

/** Whether an engine can work here. */
export type Availability =
  | { readonly ok: true; readonly version: string; readonly notes: readonly string[] }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly hint: string;
      /** Who needs it, where nothing is wrong with a machine on which it can't work. */
      readonly only?: string;
    };

/** What an engine sees of an environment when it looks. */
export interface Observation {
  /**
   * `ready`: it is there, and commands can be started in it. `unknown`: whoever could tell can't be asked; such an
   * environment is neither broken nor gone, and nothing of it is removed.
   */
  readonly state: "ready" | "absent" | "unknown";
  /** What is wrong with it, for people; empty when nothing is. Of `unknown`, why it can't be told. */
  readonly problems: readonly string[];
}

/** Something that an engine finds existing, whether the ledger knows it or not. */
export interface Found {
  readonly id: string;
  /** Root of its place; where it is elsewhere, the place that it would have. */
  readonly place: string;
  /** When it was last changed, in milliseconds since 1970, where that can't be told from the files of its place. */
  readonly changedAt?: number | undefined;
}

/** A spec made exact by its engine. */
export interface Pinned {
  /** As asked, with the Python request replaced by the one interpreter it led to. */
  readonly spec: EnvironmentSpec;
  /** What packages for it are built for, or why it can't hold any. */
  readonly target: Facet<Target>;
}

/** Keeps what may be forgotten at any time, such as the facts of an interpreter. */
export interface KeyValue {
  /** The value and when it was stored (milliseconds since 1970). */
  get(kind: string, key: string): { readonly value: Json; readonly at: number } | undefined;
  put(kind: string, key: string, value: Json): void;
}

/** What an engine is given when it is made: the caller's variables and folder, and somewhere to remember facts. */
export interface EngineContext {
  readonly env: Variables;
  readonly cwd: string;
  readonly cache: KeyValue;
  /** Which state this is, for labels of what is made outside of its folder: 16 hexadecimal digits. */
  readonly home: () => string;
}

/** Makes an engine. Built-in ones and those of plugins are registered in the same way. */
export type EngineFactory = (context: EngineContext) => Engine;

/**
 * Makes specs real at one level of isolation. An engine never touches the ledger, nor another engine.
 * The suite in tests/engines/conformance/ is the contract in full.
 *
 * The words: a **spec** says what an environment should be; `pin` makes it exact; `create` makes it real in a **place**, a
 * folder of the state that is the environment's alone. What comes of it is **realized**: a handle with a **state** that the
 * manager keeps and hands back to `open`, perhaps in another process, perhaps years later. A command that is started
 * inside is a **process**, whose **reference** is kept likewise and handed back to `attach`.
 *
 * ```text
 *   pin ──▶ create ──▶ open ──▶ start, attach, inspect … ──▶ destroy
 *              │ killed                                        │ killed
 *              └────▶ open with state null ──▶ destroy         └────▶ open ──▶ destroy again
 * ```
 */
export interface Engine {
  readonly name: string;
  /** The rules of a spec that it can hold an environment to; absent: none. */
  readonly holds?: readonly RuleName[];
  /** The schema of `spec.options`, loaded when it is asked for; absent: it has no words of its own. */
  options?(): Promise<z.ZodType>;
  /** Whether the engine can work here. Never throws. */
  probe(op: Operation): Promise<Availability>;
  /** Makes a spec exact without creating anything, so that equal pins make equal environments. @throws what `create` would */
  pin(spec: EnvironmentSpec, op: Operation): Promise<Pinned>;
  /** Builds the environment of a pinned spec in its place. The same id again after a crash takes up or replaces what is there. */
  create(spec: EnvironmentSpec, place: Place, op: Operation): Promise<Realized>;
  /**
   * The handle of an environment that was created before. Does no I/O. The record's state is null when `create` never
   * returned: the handle's `destroy` then still removes whatever it may have made.
   */
  open(record: EnvironmentRecord): Realized;
  /**
   * What truly exists of this state below `root`, the folder that holds places, or elsewhere: to be held against the
   * ledger both ways. Finds nothing where whoever could tell can't be asked.
   */
  find(root: string, op: Operation): AsyncIterable<Found>;
  /** Removes what was found and no environment is. Any number of times. @throws SKE-ENGINE-LOST, SKE-IO */
  discard(found: Found, op: Operation): Promise<void>;
}

/** An environment made real. */
export interface Realized {
  /** Opaque to everyone else; kept by the manager and handed back to {@link Engine.open}. */
  readonly state: Json;
  /** What not every engine can do; see {@link facetOf} for those that are left out. */
  readonly facets: { readonly [K in FacetName]?: Facet<FacetApi[K]> };
  /** The primitive: starts a command inside. @throws SKE-COMMAND-NOT-FOUND, SKE-IO */
  start(command: Command, streams: Streams, op: Operation): Promise<Process>;
  /** Finds a started command again from another process. `unknown`: whoever could tell can't be asked. */
  attach(ref: ProcessRef, op: Operation): Promise<Process | "gone" | "unknown">;
  inspect(op: Operation): Promise<Observation>;
  /** Version of its Python, where no packages are built for it here (see `layers`, which says it otherwise). */
  pythonVersion?(): string | undefined;
  /** Removes everything of the environment. From any state, any number of times. @throws SKE-ENGINE-LOST */
  destroy(op: Operation): Promise<void>;
}
