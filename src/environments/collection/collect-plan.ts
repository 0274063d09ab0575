import type { StoreUse } from "./store-use.ts";

/** Something that may be collected while nobody uses it. */
export interface Candidate {
  readonly kind: "environment" | "layer" | "tree";
  /** Id of the environment, key of the layer or tree. */
  readonly id: string;
  /** In milliseconds since 1970. */
  readonly usedAt: number;
  /** What it adds to the size that is limited. */
  readonly bytes: number;
}

/** Why something is collected: not used for long, or the cache is larger than it may be. */
export type Reason = "age" | "size";

/** A candidate that is chosen, and why. */
export interface Choice<C extends Candidate> {
  readonly candidate: C;
  readonly why: Reason;
}

/** How much may stay. */
export interface Limits {
  /** What was last used at this time or before goes. */
  readonly usedBefore: number;
  /** The least recently used goes until what is left is no larger. */
  readonly maxBytes: number;
}

/**
 * Chooses what to collect, the least recently used first. What an environment or layer alone has used can follow it.
 * @param use who uses what, the environments and layers among the candidates too; changed on the way
 * @param total size of everything that counts, the candidates included
 */
export function planCollection<C extends Candidate>(
  candidates: readonly C[],
  use: StoreUse,
  total: number,
  limits: Limits,
): Choice<C>[] {
  const byId = new Map(candidates.map((one) => [one.id, one]));
  const queue = new Queue(candidates.filter(({ id }) => !use.isHeld(id)));
  const chosen: Choice<C>[] = [];
  let left = total;
  for (let next = queue.take(); next !== undefined; next = queue.take()) {
    const why = next.usedAt <= limits.usedBefore ? "age" : left > limits.maxBytes ? "size" : undefined;
    // All others were used later.
    if (why === undefined) break;
    chosen.push({ candidate: next, why });
    left -= next.bytes;
    for (const key of use.release(next.id)) {
      const freed = byId.get(key);
      if (freed) queue.add(freed);
    }
  }
  return chosen;
}

/** Gives the least recently used first. */
class Queue<C extends Candidate> {
  /** The next one is the last. */
  readonly #sorted: C[];

  constructor(some: readonly C[]) {
    this.#sorted = some.toSorted((a, b) => b.usedAt - a.usedAt);
  }

  take(): C | undefined {
    return this.#sorted.pop();
  }

  add(one: C): void {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]!.usedAt > one.usedAt) low = middle + 1;
      else high = middle;
    }
    this.#sorted.splice(low, 0, one);
  }
}
