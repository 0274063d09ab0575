import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Ground, PACKAGES } from "./ground.ts";

/** Makes an environment of the wide set with uv, offline unless it is the first. */
export function uvEnvironment(ground: Ground, folder: string, options: readonly string[] = ["--offline"]): void {
  const quiet = ["--quiet", ...options];
  ground.run([ground.uv.path, "venv", ...quiet, "--python", ground.python.path, folder]);
  ground.run([ground.uv.path, "pip", "sync", ...quiet, "--python", join(folder, "bin", "python"), PACKAGES]);
}

let prepared: Promise<void> | undefined;

/** Fills both sides' caches with the wide set, once. */
export function prepareWide(ground: Ground): Promise<void> {
  prepared ??= (async () => {
    const folder = join(ground.scratch, "first");
    uvEnvironment(ground, folder, []);
    rmSync(folder, { recursive: true });
    await using skerry = await ground.open();
    for (const mode of ["full", "thin"] as const) {
      await using _first = await skerry.create({ mode, python: ground.python.path, files: [PACKAGES] });
    }
  })();
  return prepared;
}
