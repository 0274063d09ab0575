import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the checkout. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The absolute path of something in the checkout. */
export function at(path: string): string {
  return join(ROOT, path);
}

/** A task that failed in a way its message explains in full. */
export class TaskError extends Error {}

/** Runs a program in the root of the checkout, its output on this process's streams. @throws TaskError */
export function run(file: string, args: readonly string[], timeoutMs = 10 * 60_000): void {
  const started = Date.now();
  const shown = `${file.split("/").at(-1)} ${args.join(" ")}`.slice(0, 100).trim();
  const { status, signal, error } = spawnSync(file, args, { cwd: ROOT, stdio: "inherit", timeout: timeoutMs });
  if (status !== 0) throw new TaskError(`${shown} failed: ${error?.message ?? signal ?? `exit status ${status}`}`);
  console.error(`ok: ${shown} (${seconds(started)})`);
}

/** Runs a program like {@link run}; false, with the reason on stderr, where that throws. */
export function succeeds(file: string, args: readonly string[]): boolean {
  try {
    run(file, args);
    return true;
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    console.error(`error: ${error.message}`);
    return false;
  }
}

/** The time since `started` for people. */
export function seconds(started: number): string {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}
