import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { isClean } from "../../src/core/package-drift.ts";
import type { Environment } from "../../src/index.ts";
import { uvFolder } from "../rig/uv.ts";
import { foldersOf, putByHand, type Setup, setUp } from "./setup.ts";

/** Changes an environment as a user does who knows nothing of Skerry. */
async function byHand(at: Setup, env: Environment, ...args: string[]): Promise<void> {
  const uv = [join(uvFolder(), "uv"), "pip", ...args, "--python", `${foldersOf(env).prefix}/bin/python`];
  const done = await at.rig.run(uv as [string, ...string[]], { env: { UV_DEFAULT_INDEX: at.index.url } });
  expect(done).toMatchObject({ exitCode: 0 });
}

const held = async (env: Environment) =>
  (await env.packages.list()).map(
    ({ name, version, source, requested }) => `${name} ${version} ${source}${requested ? " asked" : ""}`,
  );

describe("what was changed by hand in a full environment", () => {
  test("is adopted: the record then says what is there, and undo takes it back", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ mode: "full", requirements: ["alpha==1.0"] });
    await byHand(at, env, "install", "gamma", "alpha==2.0", "beta==2.0");
    expect(isClean(await env.packages.drift())).toBe(false);
    expect(await env.packages.adopt()).toMatchObject({ added: [{ name: "gamma", version: "1.0" }], removed: [] });
    expect(await held(env)).toEqual(["alpha 2.0 index asked", "beta 2.0 index", "gamma 1.0 index asked"]);
    expect(isClean(await env.packages.drift())).toBe(true);
    const { stdout } = await env.run(["python", "-c", "import alpha, gamma; print(alpha.VERSION)"]);
    expect(stdout).toBe("2.0\n");
    await byHand(at, env, "uninstall", "gamma");
    expect(await env.packages.adopt()).toMatchObject({
      added: [],
      removed: [{ name: "gamma", version: "1.0" }],
      changed: [],
    });
    expect((await env.packages.history()).map(({ operation }) => operation)).toEqual(["create", "adopt", "adopt"]);
    await env.packages.undo();
    await env.packages.undo();
    expect(await held(env)).toEqual([
      expect.stringMatching(/^alpha 1.0 index asked$/),
      expect.stringMatching(/^beta /),
    ]);
  }, 60_000);

  test("that can't be had changes nothing", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ mode: "full", requirements: ["gamma"] });
    putByHand(foldersOf(env).site, "nowhere", "1.0");
    const before = await held(env);
    await expect(env.packages.adopt()).rejects.toMatchObject({ code: "SKE-PKG-NOT-FOUND" });
    expect(await held(env)).toEqual(before);
  }, 60_000);

  test("is reverted by skerry sync, and adopted with --adopt", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ name: "api", mode: "full", requirements: ["alpha==1.0"], keep: true });
    const skerry = (...args: string[]) =>
      at.rig.skerry(args, { env: { PIP_INDEX_URL: at.index.url, UV_DEFAULT_INDEX: at.index.url } });
    await byHand(at, env, "install", "gamma");
    await byHand(at, env, "uninstall", "beta");
    const plan = await skerry("sync", "api", "--dry-run");
    expect(plan).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/beta[\s\S]*gamma/) });
    expect(await skerry("sync", "api")).toMatchObject({ exitCode: 0 });
    expect((await held(env)).map((line) => line.split(" ")[0])).toEqual(["alpha", "beta"]);
    expect(await skerry("sync", "api")).toMatchObject({ exitCode: 0, stderr: "nothing is wrong with api\n" });
    await byHand(at, env, "install", "gamma");
    expect(await skerry("sync", "api", "--adopt")).toMatchObject({ exitCode: 0 });
    expect(await held(env)).toContain("gamma 1.0 index asked");
    const usage = await skerry("sync", "api", "--adopt", "-r", "x.txt");
    expect(usage).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--adopt takes what is there") });
    await env.destroy();
  }, 60_000);
});
