import type { Skerry } from "../../src/index.ts";
import { holdingsOf, leaksSince } from "./holdings.ts";

/** How far memory may grow after the first look, in bytes: caches fill and code is compiled, but not for ever. */
const MEMORY = 32 * 2 ** 20;

/** A trial of many equal turns. */
export interface Trial {
  readonly turns: number;
  /** After how many turns to look; the first look says what is held with caches filled. */
  readonly every: number;
  /** What is done over and over, and must leave nothing. */
  turn(n: number): Promise<unknown>;
  /** Told after each look. `rss` is in bytes. */
  onLook?(look: { readonly turns: number; readonly files: number; readonly rss: number }): void;
}

/** Repeats something that must leave nothing, until it is done or leaves something. @returns what it left, one line each */
export async function endure({ home }: Skerry, { turns, every, turn, onLook }: Trial): Promise<string[]> {
  let first: { held: ReturnType<typeof holdingsOf>; rss: number } | undefined;
  for (let n = 1; n <= turns; n++) {
    await turn(n);
    if (n % every !== 0) continue;
    Bun.gc(true);
    const held = holdingsOf(home);
    const rss = process.memoryUsage.rss();
    onLook?.({ turns: n, files: held.files.length, rss });
    first ??= { held, rss };
    const left = await leaksSince(first.held, home);
    if (rss - first.rss > MEMORY) left.push(`${Math.round((rss - first.rss) / 2 ** 20)} MiB more of memory`);
    if (left.length > 0) return left.map((one) => `${one}, after ${n} turns`);
  }
  return [];
}
