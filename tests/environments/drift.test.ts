import { describe, expect, test } from "bun:test";
import { appendFileSync, chmodSync, cpSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isBroken, isClean } from "../../src/core/package-drift.ts";
import type { PackageMode } from "../../src/core/spec.ts";
import type { Environment } from "../../src/index.ts";
import { buildWheel } from "../rig/wheel.ts";
import { foldersOf, putByHand, setUp, WHEELS } from "./setup.ts";

const DATA = buildWheel({
  name: "holder",
  version: "1.0",
  files: { "holder/__init__.py": "VERSION = '1.0'\n", "holder/cacert.pem": "CA\n", "holder.pth": "holder\n" },
  data: { "data/etc/holder.conf": "a = 1\n" },
});

/** What is drifted, in short. */
async function told(env: Environment, deep = false): Promise<string[]> {
  const { distributions, files, layerLost } = await env.packages.drift({ deep });
  const { prefix, site } = foldersOf(env);
  const short = (path: string) => join(prefix, path).replace(`${site}/`, "");
  return [
    ...(layerLost ? ["layer lost"] : []),
    ...distributions.map((one) => `${one.name} ${one.recorded} → ${one.present}`),
    ...files.map((one) => `${one.what} ${short(one.path)} (${one.package})`),
  ];
}

for (const mode of ["full", "thin"] as const satisfies readonly PackageMode[]) {
  test(`a ${mode} environment as it was made, used and changed hasn't drifted`, async () => {
    await using at = await setUp({ distributions: [...WHEELS, DATA] });
    await using env = await at.skerry.create({ mode, requirements: ["alpha==1.0", "holder"] });
    await env.run(["python", "-c", "import alpha, holder"]);
    expect(await told(env)).toEqual([]);
    await env.packages.install(["alpha>=2"]);
    expect(await told(env, true)).toEqual([]);
    expect(isClean(await env.packages.drift())).toBe(true);
  });

  test(`what is put into a ${mode} environment by hand is told, and breaks nothing`, async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ mode, requirements: ["alpha==2.0"] });
    const { prefix, site } = foldersOf(env);
    putByHand(site, "gamma", "1.0");
    writeFileSync(join(prefix, "bin", "mine"), "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(join(site, "loose.py"), "");
    expect(await told(env)).toEqual([
      "gamma undefined → 1.0",
      `extra ${join(prefix, "bin/mine")} (undefined)`,
      "extra loose.py (undefined)",
    ]);
    expect(isBroken(await env.packages.drift())).toBe(false);
  });
}

describe("in a full environment", () => {
  test("files that are missing, changed and edited are told apart, and times alone don't count", async () => {
    await using at = await setUp({ distributions: [...WHEELS, DATA] });
    await using env = await at.skerry.create({ mode: "full", requirements: ["alpha==1.0", "holder"] });
    const { prefix, site } = foldersOf(env);
    for (const path of ["alpha.py", "beta.py"]) {
      // A copy in the place of the link: nothing reaches the store.
      cpSync(join(site, path), join(site, "copy"));
      renameSync(join(site, "copy"), join(site, path));
      chmodSync(join(site, path), 0o644);
    }
    expect(await told(env)).toEqual([]);
    appendFileSync(join(site, "alpha.py"), "# changed\n");
    rmSync(join(site, "holder/__init__.py"));
    rmSync(join(site, "__pycache__"), { recursive: true });
    appendFileSync(join(site, "holder/cacert.pem"), "another CA\n");
    appendFileSync(join(prefix, "etc/holder.conf"), "b = 2\n");
    expect(await told(env)).toEqual([
      "changed alpha.py (alpha)",
      `edited ${join(prefix, "etc/holder.conf")} (holder)`,
      "missing holder/__init__.py (holder)",
      "edited holder/cacert.pem (holder)",
    ]);
    expect(isBroken(await env.packages.drift())).toBe(true);
  });

  test("content that was changed under the same size and time is found by reading it", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ mode: "full", link: "copy", requirements: ["gamma"] });
    const file = join(foldersOf(env).site, "gamma.py");
    const { mtimeMs, size } = statSync(file);
    writeFileSync(file, "#".repeat(size));
    utimesSync(file, mtimeMs / 1000, mtimeMs / 1000);
    expect(await told(env)).toEqual([]);
    expect(await told(env, true)).toEqual(["changed gamma.py (gamma)"]);
  });

  test("a write through a link is told as the store's damage, and a package that is gone once, not file by file", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ mode: "full", requirements: ["alpha==1.0"] });
    const { site } = foldersOf(env);
    chmodSync(join(site, "alpha.py"), 0o644);
    appendFileSync(join(site, "alpha.py"), "# damaged\n");
    for (const name of ["beta.py", "beta-2.0.dist-info"]) rmSync(join(site, name), { recursive: true });
    expect(await told(env)).toEqual(["beta 2.0 → undefined", "damaged alpha.py (alpha)"]);
  });

  test("another version by hand is told as such", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ mode: "full", requirements: ["beta==1.0"] });
    const { site } = foldersOf(env);
    rmSync(join(site, "beta-1.0.dist-info"), { recursive: true });
    putByHand(site, "beta", "2.0");
    expect((await told(env))[0]).toBe("beta 1.0 → 2.0");
  });
});

test("a thin environment whose link to the layer is gone has lost its layer, and nothing else", async () => {
  await using at = await setUp();
  await using env = await at.skerry.create({ mode: "thin", requirements: ["alpha==1.0"] });
  rmSync(join(foldersOf(env).site, "_skerry-layer"));
  expect(await told(env)).toEqual(["layer lost"]);
});
