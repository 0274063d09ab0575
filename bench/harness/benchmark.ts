import type { Ground } from "./ground.ts";

/** One line of the table: our figure, beside the peer's or below a limit. */
export interface Row {
  /** As in docs/benchmarks.md: `P1`. */
  readonly id: string;
  readonly work: string;
  readonly unit: "ms" | "MB" | "failures" | "leaks";
  /** Median, unless `work` says otherwise. */
  readonly ours: number;
  /** What did the same work, and how long it took. */
  readonly peer?: { readonly name: string; readonly figure: number };
  /** The most that ours / peer, or our figure itself, may be. */
  readonly target: { readonly ratio: number } | { readonly atMost: number };
}

/** A comparison: a module of bench/ exports one. */
export interface Benchmark {
  readonly id: string;
  /** Why it runs only when it is named; absent: it always does. */
  readonly onlyWhenNamed?: string;
  /** Does the work on both sides and measures it. @throws when either side fails */
  run(ground: Ground): Promise<Row[]>;
}

/** Our figure through the peer's; undefined where there is no peer. */
export function ratioOf(row: Row): number | undefined {
  return row.peer && row.ours / row.peer.figure;
}

/** Whether the target is met. */
export function passes(row: Row): boolean {
  return "ratio" in row.target ? (ratioOf(row) ?? Number.NaN) <= row.target.ratio : row.ours <= row.target.atMost;
}
