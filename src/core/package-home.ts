import type { EventData } from "./event.ts";
import type { Lock, LockedPackage } from "./lock.ts";
import type { Operation } from "./operation.ts";
import type { DriftOptions, PackageDrift } from "./package-drift.ts";
import type { PackageMode } from "./spec.ts";
import type { StatePaths } from "./state-paths.ts";
import type { Target } from "./target.ts";

/** The packages of an environment: a lock, and the trees of what no other environment shares, by the names that its home gave them. */
export interface PackageState {
  readonly lock: Lock;
  readonly trees: readonly string[];
}

/** A move of an environment's packages. */
export interface PackageMove {
  /** What it has, or may have half of. */
  readonly from: PackageState;
  /** The lock to move to. */
  readonly lock: Lock;
  /** Private trees to use, when they exist already; absent: they are built. */
  readonly trees?: readonly string[] | undefined;
  /** Told how large the packages are, in bytes, before the first file of the environment is touched; throws to refuse. */
  readonly approve?: (bytes: number) => void;
  /** Told the private trees before the first file of the environment is touched. */
  readonly noteTrees?: (trees: readonly string[]) => void;
}

/** What to mend of an environment's packages. */
export interface PackageRepair {
  /** What is recorded. */
  readonly from: PackageState;
  /** The lock that it shall have: another one where its Python is of another line. */
  readonly lock: Lock;
  readonly isOtherLine: boolean;
  /** What packages are to be built for, where what the engine made is made anew. */
  readonly target: Target | undefined;
  /** Makes it anew where that has to be, once all that is needed is there. @returns the home that the packages have then */
  readonly rebuild: () => Promise<PackageHome>;
  readonly drift: PackageDrift;
  /** Names of distributions that differ and are left as they are, and of those that are to go. */
  readonly left: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
  /** Leave changed files as they are. */
  readonly safe: boolean;
  /** Keep nothing that was put there by hand beside packages for another line of Python. */
  readonly exact: boolean;
}

/** What stands in an environment beside its recorded packages, or in their place, and comes along when it is cloned. */
export interface ByHand {
  /** As the home names them. */
  readonly paths: readonly string[];
  /** The lock without what the paths stand in the place of; undefined: all of it. */
  readonly lock: Lock | undefined;
}

/** A distribution that Python finds in an environment. */
export interface Distribution {
  /** Normalised as PEP 503 says. */
  readonly name: string;
  readonly version: string;
  /** A file of its metadata: `METADATA`, `direct_url.json`; undefined where it has none of this name. */
  readText(file: string): Promise<string | undefined>;
}

/** The folder outside of an environment that it reads its packages through. */
export interface PackageSource {
  /** Stands for all of it: a launch recipe's witness. */
  readonly witness: { readonly path: string; readonly size: number; readonly mtimeMs: number };
  /** Whether the witness is as it was. */
  isWhole(): boolean;
}

/** What a home for packages is given by whoever manages environments. */
export interface PackageHost {
  readonly paths: StatePaths;
  /**
   * Has the installer that a lock was made by put packages into an empty prefix.
   * @throws what it fails with
   */
  install(
    packages: readonly LockedPackage[],
    into: {
      readonly installer: Lock["installer"];
      readonly target: Target;
      readonly prefix: string;
      readonly fresh?: boolean | undefined;
    },
    op: Operation,
  ): Promise<void>;
  /** A layer was built. */
  tellLayer(built: EventData["layer.built"], op: Operation): void;
  /** Files of a wheel in the store were found damaged. */
  tellDamage(found: Omit<EventData["tree.damaged"], "environments">, op: Operation): void;
}

/**
 * Where the packages of an environment are, and all that is done to them: nobody else reads or writes there. Whatever is
 * changed runs again, or in reverse, from any state that a kill leaves. `src/homes/linked/` is the one of prefixes on this
 * machine; where an environment's files lie elsewhere, its engine brings another.
 */
export interface PackageHome {
  readonly target: Target;
  /** The Python prefix, absolute, as programs of the environment see it. */
  readonly prefix: string;
  /** `lib/python3.12/site-packages`, relative to the prefix. */
  readonly sitePackages: string;
  readonly mode: PackageMode;
  /** Starts the environment's Python once and makes sure that it sees nothing from outside. @throws SKE-ENV-LEAK, SKE-ENV-BROKEN */
  verify(op: Operation): Promise<void>;
  /** The distributions that Python finds. Starts nothing. */
  installed(): Promise<readonly Distribution[]>;
  /** Where shared packages are read from, when that can be seen; undefined for an environment that has them itself. */
  source(host: PackageHost): PackageSource | undefined;
  /** Makes what a lock names exist, and moves the environment to it. @returns the packages that it has now */
  apply(host: PackageHost, move: PackageMove, op: Operation): Promise<PackageState>;
  /** Compares what stands there with what is recorded. Changes nothing. */
  drift(host: PackageHost, state: PackageState, how: DriftOptions): Promise<PackageDrift>;
  /** Puts packages back. @returns the private trees that it has now, and the folder in which packages for a former Python are kept */
  repair(
    host: PackageHost,
    work: PackageRepair,
    op: Operation,
  ): Promise<{ readonly trees: readonly string[]; readonly aside?: string }>;
  /** The shared packages of a lock that would have to be installed anew: `name version`. */
  missing(host: PackageHost, lock: Lock): Promise<readonly string[]>;
  /** Whether private trees are there as they were built: nothing else could be made the same again. */
  hasTrees(trees: readonly string[]): Promise<boolean>;
  /** Removes private trees but for these, finished or not. The caller holds the environment's lease. */
  sweepTrees(kept: readonly string[]): Promise<void>;
  /** What a clone of this mode takes along; see {@link copyFiles}. */
  byHand(host: PackageHost, state: PackageState, mode: PackageMode): Promise<ByHand>;
  /** Copies private trees of another home of this kind, under the same names. */
  copyTrees(from: PackageHome, trees: readonly string[]): Promise<void>;
  /** Copies files of another home of this kind to the same paths; what isn't there any more is left out. */
  copyFiles(from: PackageHome, paths: readonly string[]): Promise<void>;
}
