import type { Lock, LockedPackage } from "../core/lock.ts";
import type { Operation } from "../core/operation.ts";
import type { RequirementsSpec } from "../core/spec.ts";
import type { Target } from "../core/target.ts";
import type { ReadRequirements } from "../python/requirement/files.ts";
import type { InstallerSettings } from "./settings.ts";

/** What to resolve, for which interpreter, and how. */
export interface ResolveRequest {
  readonly requirements: RequirementsSpec;
  /** What `requirements` were read as, or a part of it: then this is resolved. */
  readonly read?: ReadRequirements;
  /** Requirement lines that take the place of all others on the same packages; only uv has such. */
  readonly overrides?: readonly string[];
  /** Relative paths in requirements count from here. */
  readonly cwd: string;
  readonly target: Target;
  /** Versions to keep where the requirements allow it. */
  readonly preferences?: Lock;
  /** Packages that may leave the preferences, and for which the index is asked anew. */
  readonly upgrade?: readonly string[] | "all";
  /** Use only what is in the installer's cache and on this machine. */
  readonly offline?: boolean;
  /** False: only what is asked for, without what it requires. */
  readonly dependencies?: boolean;
  /** False: a refusal needn't say more than the installer does. */
  readonly consult?: boolean;
  readonly settings: InstallerSettings;
}

/** Where packages are put, and how. */
export interface InstallPlace {
  readonly target: Target;
  readonly prefix: string;
  /** Leave the installer's cache alone: what it holds may be damaged. */
  readonly fresh?: boolean | undefined;
}

/** A program that resolves requirements and installs packages. */
export interface Installer {
  readonly name: "uv" | "pip";
  readonly version: string;
  /**
   * Resolves requirements for one interpreter.
   * @throws SKE-PKG-REQUIREMENT, SKE-PKG-NOT-FOUND, SKE-PKG-VERSION, SKE-PKG-CONFLICT, SKE-PKG-BUILD, SKE-PKG-BROKEN,
   * SKE-PKG-HASH, SKE-NETWORK, SKE-TIMEOUT, SKE-TOOL
   */
  resolve(request: ResolveRequest, op: Operation): Promise<Lock>;
  /**
   * Puts locked packages into an empty prefix, all at once and nothing else: own files (no inode shared with a cache),
   * bytecode with time stamps, every hash of the lock enforced. The layout is the plain one on every distribution
   * (`lib/python3.12/site-packages`, `bin`, …); the first lines of scripts name some interpreter and are to be rewritten.
   * @throws the same as {@link resolve}
   */
  install(packages: readonly LockedPackage[], into: InstallPlace, op: Operation): Promise<void>;
  /**
   * What the uv.lock in a project's folder holds, as the text of a `pylock.toml` and the folder that its relative paths
   * count from. The lock is taken as it is, in step with the project or not. Only uv has it.
   * @throws SKE-TOOL
   */
  exportLock?(
    project: string,
    target: Target,
    chosen: { readonly extras: readonly string[]; readonly groups: readonly string[] },
    op: Operation,
  ): Promise<{ readonly text: string; readonly folder: string }>;
}
