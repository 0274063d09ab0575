import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closeLeases } from "../../src/platform/lease.ts";
import { printManifest, readManifest } from "../../src/store/manifest.ts";
import { isInside, isName } from "../../src/store/manifest-shape.ts";
import { openTree, readRows } from "../../src/store/tree.ts";
import { Rig } from "../rig/rig.ts";
import { SITE, StoreRig } from "./setup.ts";

const OUTSIDE = [
  "..",
  ".",
  "",
  "../x",
  "lib/../../x",
  "lib/..",
  "/etc/passwd",
  "lib//x",
  "lib/./x",
  "lib/",
  "a\0b",
  1,
  null,
];

describe("a manifest that something else wrote, whatever its digests say", () => {
  test.each(OUTSIDE)("names no file by %j", (path) => {
    expect([isInside(path), isName(path)]).toEqual([false, false]);
  });

  test("names those below the prefix", () => {
    expect(["lib/x", "..x", "a..b/c", ".hidden", "x./y"].map(isInside)).toEqual([true, true, true, true, true]);
    expect(["x", "a/b"].map(isName)).toEqual([true, false]);
  });

  test("has no rows when one leads out, and no tree when its folder, site-packages or scripts do", async () => {
    await using rig = await Rig.make();
    const store = new StoreRig(rig);
    const [tree] = await store.trees({ name: "one", version: "1.0", files: { "one.py": "x = 1\n" } });
    const { manifest, key, root } = tree!;
    const folder = join(root, "..");
    const [header, rows] = readManifest(manifest, 2) as [Record<string, unknown>, unknown[][]];
    const rewrite = (changed: object, lines: readonly unknown[][] = rows) => {
      chmodSync(manifest, 0o644);
      writeFileSync(manifest, printManifest({ ...header, ...changed }, lines));
    };
    const out = ["../../../out", ...rows[0]!.slice(1)];
    rewrite({}, [...rows, out]);
    expect(readRows(manifest)).toBeUndefined();
    for (const changed of [
      { folder: `../${key}` },
      { folder: "other" },
      { sitePackages: "../site" },
      { distInfo: "../x.dist-info" },
      { apart: [out] },
      { pth: ["../x.pth"] },
      { tops: [".."] },
    ]) {
      rewrite(changed);
      expect({ changed, tree: openTree(folder, key) }).toEqual({ changed, tree: undefined });
    }
    rewrite({});
    expect(openTree(folder, key)?.root).toBe(root);
    expect(readFileSync(join(root, SITE, "one.py"), "utf8")).toBe("x = 1\n");
    expect(existsSync(join(folder, "../../out"))).toBe(false);
    closeLeases(store.paths);
  });
});
