import type { ProcessIdentity } from "../core/process.ts";

export type LeaseMode = "exclusive" | "shared";

/** A process that holds a lease. */
export interface Holder extends ProcessIdentity {
  readonly command: string;
  readonly mode: LeaseMode;
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
}
