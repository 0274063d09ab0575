import type { FlagValues } from "../config/load.ts";
import type { EngineFactory } from "../core/engine.ts";
import type { Labels } from "../core/environment.ts";
import type { OperationOptions } from "../core/operation.ts";
import type { Variables } from "../core/variables.ts";
import type { LifeOptions } from "./lifecycle/life.ts";
import type { SpecOptions } from "./request.ts";

/** How to open Skerry. */
export interface OpenOptions extends OperationOptions {
  /** The folder that configuration and relative paths are found from; absent: the process's. */
  readonly cwd?: string;
  /** The variables that environments build on; absent: the process's. */
  readonly env?: Variables;
  /** The state folder, before any other setting of it. */
  readonly home?: string;
  /** Values of configuration keys that win over variables and files. */
  readonly flags?: FlagValues;
  /** More engines, by name. */
  readonly engines?: Readonly<Record<string, EngineFactory>>;
}

/** Options of `create`, beside what the environment should be. */
export interface CreateOptions extends SpecOptions, LifeOptions, OperationOptions {
  /** Texts to find it by, kept with it. */
  readonly labels?: Labels;
  /** Keep the environment when the handle is disposed of, and when this process ends without that. */
  readonly keep?: boolean;
  /** Resolve anew, whatever was resolved before. */
  readonly refresh?: boolean;
  /** Versions to take where they fit, by normalised name of the package. */
  readonly versions?: Readonly<Record<string, string>>;
  /** On a conflict, take the least change of a bound with which it fits; `relaxed` of the environment says which. */
  readonly resolve?: boolean;
}

/** Options of `gc`. */
export interface GcOptions extends OperationOptions {
  /** What nobody used for so long goes, in milliseconds; 0 for everything that isn't in use now. */
  readonly maxAgeMs?: number | undefined;
  /** The least recently used goes until the rest has so many bytes at most. */
  readonly maxBytes?: number | undefined;
  /** Only tell what would go. */
  readonly dryRun?: boolean;
}
