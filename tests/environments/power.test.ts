import { describe, expect, test } from "bun:test";
import { chmodSync, lstatSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { machineBoot } from "../../src/store/durable.ts";
import { printManifest, readManifest } from "../../src/store/manifest.ts";
import { startIndex } from "../rig/index.ts";
import { Rig } from "../rig/rig.ts";
import { WHEELS } from "./setup.ts";

/** The manifests of a state's trees and layers, and how many lines each has. */
const manifests = (home: string) =>
  Object.entries({ trees: 2, layers: 1 }).flatMap(([kind, lines]) =>
    readdirSync(join(home, "store", kind))
      .filter((name) => name.endsWith(".json"))
      .map((name) => [join(home, "store", kind, name), lines] as const),
  );

const headers = (home: string) =>
  manifests(home).map(([path, lines]) => readManifest(path, lines)![0] as { boot?: string });

/** As if the machine had been started anew since these were made. */
function restart(home: string): void {
  for (const [path, lines] of manifests(home)) {
    const [header, ...rest] = readManifest(path, lines)!;
    chmodSync(path, 0o644);
    writeFileSync(path, printManifest({ ...(header as object), boot: "earlier" }, ...rest));
  }
}

/** What a power failure makes of a file whose content wasn't on the disk yet. */
const LEFT: Record<string, (path: string) => void> = {
  "has 0 bytes": (path) => truncateSync(path, 0),
  "has 0 bytes, and its time": (path) => keepTime(path, () => truncateSync(path, 0)),
  "is all zeros, with its size and time": (path) =>
    keepTime(path, () => writeFileSync(path, Buffer.alloc(lstatSync(path).size))),
  "is missing": (path) => {
    chmodSync(join(path, ".."), 0o755);
    rmSync(path);
  },
};

function keepTime(path: string, change: () => void): void {
  const { atime, mtime } = lstatSync(path);
  change();
  utimesSync(path, atime, mtime);
}

/** Bytecode may be whole where its source isn't. */
const SOURCE = "import alpha; print(open(alpha.__file__).read())";

async function stage(rig: Rig, index: { readonly url: string }) {
  const env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
  const skerry = (...args: string[]) => rig.skerry(args, { env });
  const create = (name: string, kind: string) => skerry("create", name, kind, "--with", "alpha==1.0");
  for (const kind of ["--thin", "--full"]) expect(await create(`first${kind}`, kind)).toMatchObject({ exitCode: 0 });
  return { skerry, create };
}

describe("after a power failure, an environment that is made anew has whole packages, though a file of the store", () => {
  const both = Object.keys(LEFT).flatMap((left) => ["--thin", "--full"].map((kind) => [left, kind] as const));
  test.each(both)("%s (%s)", async (left, kind) => {
    await using rig = await Rig.make();
    await using index = await startIndex({ distributions: WHEELS });
    const { skerry, create } = await stage(rig, index);
    for (const folder of ["trees", "layers"]) {
      const root = join(rig.home, "store", folder);
      const found = readdirSync(root, { recursive: true, encoding: "utf8" }).find((name) =>
        /site-packages\/alpha(\/__init__)?\.py$/.test(name),
      );
      const path = join(root, found!);
      // The layer's is the same file.
      if (left !== "is missing" ? folder === "trees" : true) LEFT[left]!(path);
    }
    restart(rig.home);
    const made = await create("second", kind);
    expect({ left, ...made }).toMatchObject({ exitCode: 0 });
    const said = await skerry("exec", "second", "--", "python", "-c", SOURCE);
    expect({ left, ...said }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("VERSION = ") });
  });
});

test("what is whole after a restart of the machine is compared once, and kept", async () => {
  await using rig = await Rig.make();
  const index = await startIndex({ distributions: WHEELS });
  const { skerry } = await stage(rig, index);
  const boots = new Set(headers(rig.home).map(({ boot }) => boot));
  expect([...boots]).toEqual([machineBoot()]);
  restart(rig.home);
  await index[Symbol.asyncDispose]();
  for (const kind of ["--thin", "--full"]) {
    const again = await skerry("clone", `first${kind}`, `second${kind}`);
    expect(again).toMatchObject({ exitCode: 0 });
  }
  expect(headers(rig.home).map(({ boot }) => boot)).toEqual(headers(rig.home).map(() => undefined));
});
