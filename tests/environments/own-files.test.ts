import { describe, expect, test } from "bun:test";
import { lstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ACTIVATION_NAMES } from "../../src/python/activation/render.ts";
import { isOwnPath, pathInPrefix } from "../../src/python/own-paths.ts";
import { buildWheel } from "../rig/wheel.ts";
import { foldersOf, putByHand, setUp, WHEELS } from "./setup.ts";

const SITE = "lib/python3.12/site-packages";

test("own paths: are what makes a prefix an environment, however they are spelt", () => {
  const own = [
    ...ACTIVATION_NAMES.map((name) => `bin/${name}`),
    ...["pyvenv.cfg", "PyVenv.CFG", "pyvenv.cfg/below", "lib64", ".gitignore", "CACHEDIR.TAG", "skerry.json"],
    ...[
      "bin/python",
      "bin/Python3",
      "bin/python3.12",
      "bin/python3.13t",
      "bin/pypy3",
      "BIN/Activate",
      "bin/act\u200bivate",
    ],
    ...[`${SITE}/_skerry-layer`, `${SITE}/_skerry-layer/six.py`, `${SITE}/00_\u017f\u212aerry_layer.pth`],
  ];
  const others = [
    "bin/pip",
    "bin/python-config",
    `${SITE}/pyvenv.cfg`,
    `${SITE}/a/_skerry-layer`,
    "share/activate",
    "etc/x",
  ];
  expect(own.filter((path) => !isOwnPath(path, SITE))).toEqual([]);
  expect(others.filter((path) => isOwnPath(path, SITE))).toEqual([]);
});

test("rows of a RECORD: lead to one path in the prefix, or outside", () => {
  const rows = [
    "../../../pyvenv.cfg",
    "./a/../../../../bin/./python",
    "/p/bin/activate/",
    "../../../lib64/python3.12/x",
  ];
  expect(rows.map((row) => pathInPrefix(row, "/p", SITE))).toEqual([
    "pyvenv.cfg",
    "bin/python",
    "bin/activate",
    "lib/python3.12/x",
  ]);
  for (const row of ["../../../../x", "/q/x", "../../..", "a\0b"])
    expect(pathInPrefix(row, "/p", SITE)).toBeUndefined();
});

/** Wheels that bring a file of the environment's own. */
const GREEDY = {
  "pyvenv.cfg": { data: { "data/pyvenv.cfg": "home = /\n" } },
  activate: { data: { "scripts/activate": "#!/bin/sh\n" } },
  Activate: { data: { "data/BIN/Activate": "x" } },
  "the pointer": { data: { "data/skerry.json": "{}" } },
  "the .pth of the layer": { files: { "00_skerry_layer.pth": "" } },
  "the layer": { files: { "_skerry-layer/six.py": "" } },
} as const;

describe("a wheel that claims a file of the environment's own", () => {
  for (const [what, content] of Object.entries(GREEDY)) {
    for (const installer of ["uv", "pip"] as const) {
      test(`${what}: is refused by name with ${installer}, and the environment stays as it was`, async () => {
        const greedy = buildWheel({ name: "greedy", version: "1.0", ...content });
        await using at = await setUp({ distributions: [...WHEELS, greedy] });
        for (const mode of ["thin", "full"] as const) {
          const env = await at.skerry.create({ name: mode, mode, installer, requirements: ["gamma"], keep: true });
          const { prefix } = foldersOf(env);
          const before = readFileSync(join(prefix, "pyvenv.cfg"), "utf8");
          await expect(env.packages.install(["greedy"])).rejects.toMatchObject({
            code: "SKE-PKG-BROKEN",
            message: expect.stringMatching(/greedy claims .* a file of the environment itself/),
          });
          expect(readFileSync(join(prefix, "pyvenv.cfg"), "utf8")).toBe(before);
          expect((await env.check()).healthy).toBe(true);
        }
      }, 120_000);
    }
  }
});

test("a distribution put there by hand: takes none of the environment's own files with it", async () => {
  await using at = await setUp();
  for (const mode of ["thin", "full"] as const) {
    const env = await at.skerry.create({ name: mode, mode, requirements: ["gamma"], keep: true });
    const { prefix, site } = foldersOf(env);
    putByHand(site, "beta", "0.1");
    const own = ["../../../pyvenv.cfg", "./../../../bin/activate", "00_skerry_layer.pth", "_skerry-layer/gamma.py"];
    writeFileSync(
      join(site, "beta-0.1.dist-info/RECORD"),
      ["beta_by_hand.py", ...own].map((row) => `${row},,\n`).join(""),
    );
    await env.repair({ exact: true });
    expect(lstatSync(join(site, "beta_by_hand.py"), { throwIfNoEntry: false })).toBeUndefined();
    expect(lstatSync(join(prefix, "bin/activate")).isFile()).toBe(true);
    expect((await env.run(["python", "-c", "import gamma"])).exitCode).toBe(0);
    expect((await env.check()).healthy).toBe(true);
  }
}, 60_000);

test("the .pth of a layer: check tells when it is gone or changed, and repair puts it back", async () => {
  await using at = await setUp();
  const env = await at.skerry.create({ name: "thin", mode: "thin", requirements: ["gamma"], keep: true });
  const path = join(foldersOf(env).site, "00_skerry_layer.pth");
  for (const spoil of ["", "elsewhere\n"]) {
    writeFileSync(path, spoil);
    expect(await env.check()).toMatchObject({ healthy: false, drift: { layerLost: true } });
    await env.repair();
    expect(readFileSync(path, "utf8")).toBe("_skerry-layer\n");
    expect((await env.check()).healthy).toBe(true);
  }
}, 60_000);
