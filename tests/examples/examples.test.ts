import { expect, test } from "bun:test";
import { join } from "node:path";
import { Rig } from "../rig/rig.ts";

// examples/niced-engine.ts is put through the conformance suite instead.
const run = async (example: string) => {
  await using rig = await Rig.make();
  return await rig.run([process.execPath, join(import.meta.dirname, "../..", example)], { timeout: 120_000 });
};

test("examples/library.ts does what the README says", async () => {
  const { exitCode, stdout, stderr } = await run("examples/library.ts");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^requests \d+\.\d+.*\nadded .*httpx \d/);
}, 120_000);

test("examples/hooks-and-events.ts refuses what isn't on the list", async () => {
  const { exitCode, stdout, stderr } = await run("examples/hooks-and-events.ts");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toBe(
    "environment.created guarded\npackages.changed guarded\noperation.failed guarded\nSKE-HOOK-REFUSED ask for it to be added\nenvironment.destroyed guarded\n",
  );
}, 120_000);
