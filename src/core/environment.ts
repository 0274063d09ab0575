import type { Json } from "./json.ts";
import type { EnvironmentSpec } from "./spec.ts";

/** Where an environment stands in its life; what a crash left half done is told by its intent, not by a status. */
export const ENVIRONMENT_STATUSES = ["creating", "ready", "destroying"] as const;
export type EnvironmentStatus = (typeof ENVIRONMENT_STATUSES)[number];

/** The directory that an environment owns. All paths are absolute. */
export interface Place {
  /** `envs/<id>` */
  readonly root: string;
  /** A folder for the environment's own files; commands find it in `SKERRY_WORK`. */
  readonly work: string;
  readonly tmp: string;
  readonly logs: string;
  readonly run: string;
}

/** Makes a {@link Place} of its root; creates nothing. */
export function placeAt(root: string): Place {
  return { root, work: `${root}/work`, tmp: `${root}/tmp`, logs: `${root}/logs`, run: `${root}/run` };
}

/** An environment as the ledger keeps it. Times are milliseconds since 1970. */
export interface EnvironmentRecord {
  readonly id: string;
  readonly name: string;
  readonly engine: string;
  readonly status: EnvironmentStatus;
  readonly spec: EnvironmentSpec;
  /** The engine's own state; opaque to everyone else. */
  readonly state: Json;
  /** Root of its {@link Place}. */
  readonly place: string;
  /** Digest of the lock that its packages follow; null when it holds none. */
  readonly lock: string | null;
  /** Trees of packages that no other environment shares (projects in folders): names of folders below `<place>/trees`. */
  readonly trees: readonly string[];
  /** Set for the cached environments behind `run --with`: the digest of what was asked for. */
  readonly cacheKey: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}
