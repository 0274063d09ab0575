import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeTree } from "../../src/platform/remove.ts";

/** Path of a program in programs/. */
export function program(name: string): string {
  return join(import.meta.dirname, "programs", `${name}.ts`);
}

const folders: string[] = [];

/** A folder that {@link cleanUp} removes. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "skerry-platform-"));
  folders.push(folder);
  return folder;
}

/** Removes every {@link temporaryFolder}. */
export async function cleanUp(): Promise<void> {
  for (const folder of folders.splice(0)) await removeTree(folder);
}

/** Waits until `check` gives something. */
export async function until<T>(check: () => T | undefined | false, ms = 10_000): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const found = check();
    if (found) return found;
    if (performance.now() > end) throw new Error(`not so within ${ms} ms: ${check}`);
    await Bun.sleep(10);
  }
}
