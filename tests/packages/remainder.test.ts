import { expect, test } from "bun:test";
import { operation } from "../../src/core/operation.ts";
import { remainderOf } from "../../src/packages/remainder.ts";
import { statePaths } from "../../src/platform/paths.ts";
import { ensureTrees } from "../../src/store/build.ts";
import { treesFolder } from "../../src/store/tree.ts";
import { startIndex } from "../rig/index.ts";
import { Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";
import { bench, HERE, TARGET } from "./setup.ts";

const WHEELS = [
  buildWheel({
    name: "web",
    version: "1.0",
    requires: ["base>=1", "relic; python_version < '3'"],
    extras: { tls: ["crypto"], all: ["web[tls]", "color"] },
  }),
  buildWheel({ name: "base", version: "1.0", requires: ["core", "posix-only; os_name == 'posix'"] }),
  buildWheel({ name: "base", version: "2.0", requires: ["core"] }),
  buildWheel({ name: "crypto", version: "1.0", requires: ["core[fast]", "native; platform_machine != 'none'"] }),
  buildWheel({ name: "core", version: "1.0", extras: { fast: ["speed"], slow: ["snail"] } }),
  buildWheel({ name: "cli", version: "1.0", requires: ["Web[All]", "loop"] }),
  buildWheel({ name: "loop", version: "1.0", requires: ["cli"] }),
  ...["posix-only", "speed", "native", "color", "snail"].map((name) => buildWheel({ name, version: "1.0" })),
  buildWheel({ name: "kernel", version: "1.0", requires: ["color; platform_release != 'none'"] }),
  buildWheel({ name: "odd", version: "1.0", extras: { Some_Thing: ["color"] } }),
];

test("what stays of a lock without some roots is what an installer resolves, or isn't told", async () => {
  await using rig = await Rig.make();
  await using index = await startIndex({ distributions: WHEELS });
  const { installer, resolve } = bench(rig, "uv", { UV_DEFAULT_INDEX: index.url });
  const paths = statePaths(rig.home);
  const trees = treesFolder(paths);
  const lockOf = async (requirements: readonly string[]) => {
    const lock = await resolve({ requirements });
    const install = (some: typeof lock.packages, prefix: string) =>
      installer.install(some, { target: HERE, prefix }, operation());
    await ensureTrees(paths, { packages: lock.packages, target: TARGET, installer: "uv", install, op: operation() });
    return lock;
  };
  const roots = ["base<2", "cli", "core[slow]", "web[tls]"];
  const lock = await lockOf(roots);
  for (const some of roots.flatMap((root) => [[root], roots.filter((one) => one !== root)])) {
    const left = remainderOf(lock, some, HERE, trees);
    expect(left).toEqual(await resolve({ requirements: some }, { preferences: lock }));
  }
  for (const [all, some] of [
    [["loop", "color"], ["loop"]],
    [["web", "speed"], ["speed"]],
    [["web", "core[fast]"], ["core[fast]"]],
    [["web", "core[fast]"], ["web"]],
    [["web", "posix-only ; os_name == 'posix'"], ["posix-only ; os_name == 'posix'"]],
    [
      ["web[tls]", "base", "color"],
      ["base", "color"],
    ],
  ] as const) {
    const left = remainderOf(await lockOf(all), some, HERE, trees);
    expect(left).toEqual(await resolve({ requirements: some }, { preferences: await lockOf(all) }));
  }

  const isTold = (of: typeof lock, some: readonly string[]) => remainderOf(of, some, HERE, trees) !== undefined;
  expect(isTold(await lockOf(["color", "kernel"]), ["kernel"])).toBe(false);
  expect(isTold(await lockOf(["color", "odd[some-thing]"]), ["color"])).toBe(false);
  const [speed, ...others] = [...lock.packages].reverse();
  expect(speed?.name).toBe("web");
  // More or less than the metadata lead to: something else than the metadata had a say.
  expect(isTold({ ...lock, packages: others.reverse() }, ["cli"])).toBe(false);
  const [color] = (await lockOf(["color", "snail"])).packages;
  expect(isTold({ ...lock, roots: ["web"] }, ["web"])).toBe(false);
  const missing = { ...color!, name: "gone", wheels: [{ name: "gone-1-py3-none-any.whl", hashes: { sha256: "0" } }] };
  expect(isTold({ ...lock, roots: [...roots, "gone"], packages: [...lock.packages, missing] }, ["cli"])).toBe(false);
  for (const root of ["-r https://example.invalid/r.txt", "./here", "https://example.invalid/web-1.0-py3-none-any.whl"])
    expect(isTold({ ...lock, roots: [...lock.roots, root] }, ["cli"])).toBe(false);
}, 120_000);
