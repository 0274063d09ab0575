import { spawnSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";

/** Where a program runs. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a program to its end. @returns what it printed @throws with the end of its output when it fails */
export function command(argv: readonly string[], { cwd, env }: Surroundings): string {
  const [file = "", ...args] = argv;
  const done = spawnSync(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: 15 * 60_000 });
  if (done.status !== 0) {
    const why = done.error?.message ?? done.signal ?? `exit status ${done.status}`;
    throw new Error(`${argv.join(" ")} failed: ${why}\n${done.stdout}${done.stderr}`.slice(0, 4000));
  }
  return done.stdout.toString();
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** One side of a comparison. */
export interface Side {
  /** What is measured: milliseconds from its start to its end, or what it returns in their place. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a side that only has to be timed returns nothing.
  work(round: number): Promise<number | void> | number | void;
  /** Puts things back after each round; not measured. */
  after?(round: number): unknown;
}

/**
 * Measures sides in turn, after one round each that doesn't count; who is first changes from round to round.
 * @returns the medians, in the order of the sides
 */
export async function alternate<const S extends readonly Side[]>(
  rounds: number,
  sides: S,
): Promise<{ [K in keyof S]: number }> {
  const figures = sides.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    const order = [...sides.entries()];
    for (const [at, side] of round % 2 ? order.reverse() : order) {
      // Signals are heard between the rounds: a synchronous child keeps the event loop from running.
      await setImmediate();
      let figure: number | undefined;
      const took = await timed(async () => {
        figure = (await side.work(round)) ?? undefined;
      });
      if (round > 0) figures[at]!.push(figure ?? took);
      await side.after?.(round);
    }
  }
  return figures.map(median) as { [K in keyof S]: number };
}

/** The middle figure, or the mean of the two in the middle. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.floor(sorted.length / 2)]!) / 2;
}

/** The figure that so many percent of all don't exceed (nearest rank). */
export function percentile(figures: readonly number[], percent: number): number {
  return figures.toSorted((a, b) => a - b)[Math.ceil((figures.length * percent) / 100) - 1]!;
}
