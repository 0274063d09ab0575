import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ProcessRef } from "../core/process.ts";
import { readIfExists, writeAtomic } from "../platform/files.ts";
import { attachLocal } from "../platform/spawn.ts";

/**
 * The command of a shared task that runs now. A lease ends with the program that holds it, and its command goes on when
 * that was killed: whoever takes the lease next finds here what to wait for.
 */
export class RunningNote {
  readonly #folder: string;
  readonly #path: string;
  readonly #aside: string;

  /** @param home the state folder @param lease the task's lease, which the caller holds */
  constructor(home: string, lease: string) {
    this.#folder = join(home, "tasks");
    this.#path = join(this.#folder, `${lease}.running`);
    this.#aside = join(home, "tmp");
  }

  /** Waits for what a killed program left. @param onWait told its pid when there is something to wait for */
  async settle(onWait: (pid: number) => void, signal: AbortSignal): Promise<void> {
    const ref = read(this.#path);
    const left = ref && attachLocal(ref);
    if (left) {
      onWait(left.ref.pid);
      const stopped = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      await Promise.race([left.exit, stopped]);
    }
    if (!signal.aborted) this.clear();
  }

  write(ref: ProcessRef): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeAtomic(this.#path, JSON.stringify(ref), { aside: this.#aside });
  }

  clear(): void {
    rmSync(this.#path, { force: true });
  }
}

function read(path: string): ProcessRef | undefined {
  try {
    const ref = JSON.parse(readIfExists(path) ?? "null") as ProcessRef | null;
    const isRef = typeof ref?.pid === "number" && [ref.start, ref.boot].every((text) => typeof text === "string");
    return isRef ? ref : undefined;
  } catch {
    return undefined;
  }
}
