import { DiskUsage } from "../../platform/disk-usage.ts";
import type { Reason } from "./collect-plan.ts";

/** One thing that was collected, or would be. */
export interface Collected {
  /** `tool`: an installer that a newer one has replaced. `folder`: an environment's, of which no record is left. */
  readonly kind: "environment" | "layer" | "tree" | "tool" | "folder";
  /** Id of the environment, key of the tree or layer, name of the folder. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** When it was last used, in milliseconds since 1970; for the store to the day. */
  readonly usedAt: number;
  readonly why: Reason | "expired" | "replaced" | "unrecorded";
  /** Bytes of disk that this frees, after what stands before it; files that something else links to don't count. */
  readonly bytes: number;
}

/** What could have gone and stays. */
export interface Skipped extends Omit<Collected, "bytes"> {
  readonly reason: string;
}

/** What a collection did, or would do. */
export interface CollectionReport {
  readonly dryRun: boolean;
  readonly collected: readonly Collected[];
  readonly skipped: readonly Skipped[];
  /** Bytes of disk that were freed. */
  readonly bytes: number;
  /** What a limit of size counts, before: the files of all trees and of the cached environments. */
  readonly size: number;
  /** How many rows of the ledger went, of what is only kept for a time, and how many lock files. */
  readonly rows: number;
  readonly lockFiles: number;
}

/** A report that is being written. */
export class Report {
  size = 0;
  rows = 0;
  lockFiles = 0;
  readonly dryRun: boolean;
  readonly #usage = new DiskUsage();
  readonly #collected: Collected[] = [];
  readonly #skipped: Skipped[] = [];

  constructor(dryRun: boolean) {
    this.dryRun = dryRun;
  }

  /** Bytes that removing these now would free; in a dry run, after all that was measured before. */
  measure(paths: readonly string[]): number {
    return (this.dryRun ? this.#usage : new DiskUsage()).addAll(paths);
  }

  add(what: Omit<Collected, "bytes">, bytes: number): void {
    this.#collected.push({ ...what, bytes });
  }

  skip(what: Omit<Collected, "bytes">, reason: string): void {
    this.#skipped.push({ ...what, reason });
  }

  finish(): CollectionReport {
    return {
      dryRun: this.dryRun,
      collected: this.#collected,
      skipped: this.#skipped,
      bytes: this.#collected.reduce((sum, one) => sum + one.bytes, 0),
      size: this.size,
      rows: this.rows,
      lockFiles: this.lockFiles,
    };
  }
}
