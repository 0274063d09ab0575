import type { Json } from "./json.ts";
import type { ProcessIdentity } from "./process.ts";
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

/** Whether an environment goes when its owner ends: never, always, or unless the last command in it failed. */
export const CLEANUPS = ["never", "exit", "keep-on-failure"] as const;
export type Cleanup = (typeof CLEANUPS)[number];

/** When an environment goes by itself: as soon as one of these is so; never, when none is set. Durations in milliseconds. */
export interface CleanupPolicy {
  /** When its owner ends. */
  readonly on?: Exclude<Cleanup, "never">;
  /** So long after its creation. */
  readonly ttl?: number;
  /** So long after it was last used. */
  readonly idle?: number;
}

/** Texts by name, such as `{ "team": "data" }`. */
export type Labels = Readonly<Record<string, string>>;

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
  /** When something was last started or changed in it; up to a minute too old. */
  readonly usedAt: number;
  /** Pinned ones never go by themselves, whatever the policy says. */
  readonly pinned: boolean;
  readonly cleanup: CleanupPolicy;
  /** The process for whose life it exists, where its policy is to go with one. */
  readonly owner: ProcessIdentity | null;
  /** What its maker noted of it, by name; Skerry's own rooms use names with a dot. */
  readonly labels: Labels;
  /** Its last command failed; known only where the policy is to keep it then. */
  readonly failed: boolean;
}
