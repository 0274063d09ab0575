import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import type { PackageMode } from "../../src/core/spec.ts";
import type { Environment } from "../../src/index.ts";
import { statePaths } from "../../src/platform/paths.ts";
import { removeTree } from "../../src/platform/remove.ts";
import { listTrees } from "../../src/store/upkeep.ts";
import { withdraw } from "../../src/store/withdraw.ts";
import { projectFiles } from "../rig/wheel.ts";
import { type Setup, setUp } from "./setup.ts";

const names = async (env: Environment) => (await env.packages.list()).map(({ name, version }) => `${name} ${version}`);

/** All that stands in an environment's prefix: modes and contents by path. */
function prefixOf(env: Environment): Record<string, string> {
  const layers = env.facet("layers");
  if (!layers.ok) throw new Error(layers.reason);
  const root = layers.use.prefix;
  const found: Record<string, string> = {};
  for (const path of (readdirSync(root, { recursive: true }) as string[]).sort()) {
    const full = join(root, path);
    const stat = lstatSync(full);
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isSymbolicLink()) found[path] = `-> ${readlinkSync(full)}`;
    else found[path] = stat.isDirectory() ? mode : `${mode} ${readFileSync(full, "latin1")}`;
  }
  return found;
}

function writeProject(at: Setup, version: string): void {
  for (const [path, bytes] of Object.entries(projectFiles({ name: "proj", version }))) {
    mkdirSync(dirname(join(at.rig.cwd, "proj", path)), { recursive: true });
    writeFileSync(join(at.rig.cwd, "proj", path), bytes);
  }
}

for (const mode of ["full", "thin"] as const satisfies readonly PackageMode[]) {
  describe(`the history of a ${mode} environment`, () => {
    test("is undone and redone to exactly the same files, without the index", async () => {
      await using at = await setUp();
      await using env = await at.skerry.create({ mode, requirements: ["alpha==1.0", "gamma"] });
      const states = [prefixOf(env)];
      const specs = [env.record.spec.packages];
      for (const change of [
        () => env.packages.install(["alpha==2.0"]),
        () => env.packages.uninstall(["gamma"]),
        () => env.packages.uninstall(["alpha"]),
      ]) {
        await change();
        states.push(prefixOf(env));
        specs.push(env.record.spec.packages);
      }
      await at.index[Symbol.asyncDispose]();
      const is = async (n: number) => {
        expect(prefixOf(env)).toEqual(states[n]!);
        expect(env.record.spec.packages).toEqual(specs[n]!);
        expect((await env.packages.history()).map((one) => one.present)).toEqual(states.map((_, i) => i === n));
      };
      expect(await env.packages.undo()).toEqual({
        added: [
          { name: "alpha", version: "2.0" },
          { name: "beta", version: "2.0" },
        ],
        removed: [],
        changed: [],
      });
      await is(2);
      expect(await env.packages.undo()).toEqual({
        added: [{ name: "gamma", version: "1.0" }],
        removed: [],
        changed: [],
      });
      await is(1);
      expect(await env.packages.undo()).toEqual({
        added: [],
        removed: [],
        changed: [{ name: "alpha", from: "2.0", to: "1.0" }],
      });
      await is(0);
      expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
      await expect(env.packages.undo()).rejects.toMatchObject({ code: "SKE-PKG-HISTORY" });
      await is(0);
      await env.packages.redo();
      await is(1);
      await env.packages.restore(4);
      await is(3);
      await expect(env.packages.redo()).rejects.toMatchObject({ code: "SKE-PKG-HISTORY" });
      await expect(env.packages.restore(5)).rejects.toMatchObject({ code: "SKE-PKG-HISTORY" });
      await env.packages.restore(1);
      await is(0);
      const told = (await at.skerry.events.list()).filter((one) => one.kind === "packages.changed");
      expect(told.map((one) => one.data.operation)).toEqual([
        "install",
        "uninstall",
        "uninstall",
        "undo",
        "undo",
        "undo",
        "redo",
        "restore",
        "restore",
      ]);
    });

    test("keeps what a project's folder held", async () => {
      await using at = await setUp();
      await using env = await at.skerry.create({ mode });
      writeProject(at, "1.0");
      await env.packages.install(["./proj"]);
      const first = prefixOf(env);
      writeProject(at, "2.0");
      await env.packages.install(["./proj"]);
      expect(await names(env)).toEqual(["proj 2.0"]);
      const second = prefixOf(env);
      rmSync(join(at.rig.cwd, "proj"), { recursive: true });
      const trees = () => readdirSync(join(env.record.place, "trees")).filter((name) => name.endsWith(".json"));
      await env.packages.undo();
      expect(prefixOf(env)).toEqual(first);
      await env.packages.redo();
      expect(prefixOf(env)).toEqual(second);
      expect(trees()).toHaveLength(2);
      await env.packages.restore(2);
      // What was undone is dropped by the next change, and its trees with it.
      await env.packages.uninstall(["proj"]);
      expect(trees()).toHaveLength(1);
    });
  });
}

test("the history says what was asked and what it did, and drops what was undone when something else is done", async () => {
  await using at = await setUp();
  await using env = await at.skerry.create({ requirements: ["alpha==1.0"] });
  const told = async () =>
    (await env.packages.history()).map(({ n, operation, asked, change }) => ({ n, operation, asked, change }));
  const nothing = { added: [], removed: [], changed: [] };
  const created = {
    n: 1,
    operation: "create" as const,
    asked: "alpha==1.0",
    change: {
      ...nothing,
      added: [
        { name: "alpha", version: "1.0" },
        { name: "beta", version: "2.0" },
      ],
    },
  };
  expect(await told()).toEqual([created]);
  await env.packages.install({ requirements: ["gamma"], upgrade: "all" });
  await env.packages.install(["gamma"]);
  const installed = {
    n: 2,
    operation: "install" as const,
    asked: "--upgrade gamma",
    change: { ...nothing, added: [{ name: "gamma", version: "1.0" }] },
  };
  expect(await told()).toEqual([created, installed]);
  await env.packages.undo();
  expect(await told()).toEqual([created, installed]);
  await env.packages.uninstall(["alpha"]);
  expect(await told()).toEqual([
    created,
    {
      n: 2,
      operation: "uninstall",
      asked: "alpha",
      change: {
        ...nothing,
        removed: [
          { name: "alpha", version: "1.0" },
          { name: "beta", version: "2.0" },
        ],
      },
    },
  ]);
});

test("constraints count as they did", async () => {
  await using at = await setUp();
  const constraints = [at.rig.write("constraints.txt", "alpha<2\n")];
  await using env = await at.skerry.create({ requirements: ["gamma"] });
  await env.packages.install({ requirements: ["alpha"], constraints });
  expect(await names(env)).toEqual(["alpha 1.0", "beta 2.0", "gamma 1.0"]);
  await env.packages.undo();
  await env.packages.install(["alpha"]);
  expect(await names(env)).toEqual(["alpha 2.0", "beta 2.0", "gamma 1.0"]);
});

test("what the store has lost is built again where it can be, else nothing changes", async () => {
  await using at = await setUp();
  await using env = await at.skerry.create({ mode: "full", requirements: ["alpha==1.0", "gamma"] });
  await env.packages.install(["alpha==2.0"]);
  const before = prefixOf(env);
  const paths = statePaths(at.skerry.home);
  const tree = listTrees(paths).find((one) => one.name === "alpha" && one.version === "1.0")!;
  const offline = { ...at.rig.env, UV_DEFAULT_INDEX: at.index.url, UV_CACHE_DIR: join(at.rig.root, "empty") };
  const apart = await at.again({ env: offline, flags: { offline: true } });
  const refuses = async () => {
    const error = await (await apart.open(env.id)).packages.undo().catch((thrown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining("alpha 1.0"), details: { lost: ["alpha 1.0"] } });
    expect(prefixOf(env)).toEqual(before);
    expect(await apart.doctor()).toMatchObject({ healthy: true });
  };
  // Damaged, as by root: found before anything is changed.
  appendFileSync(join(tree.root, tree.sitePackages, "alpha.py"), "evil = 1\n");
  await refuses();
  for (const path of withdraw(paths, tree)) await removeTree(path);
  await refuses();
  await env.packages.undo();
  expect(await names(env)).toEqual(["alpha 1.0", "beta 2.0", "gamma 1.0"]);
});

test("hooks are asked what would come and go", async () => {
  await using at = await setUp();
  await using env = await at.skerry.create({ requirements: ["alpha==1.0", "gamma"] });
  await env.packages.install(["alpha==2.0"]);
  await env.packages.uninstall(["gamma"]);
  const asked: unknown[] = [];
  using _ = at.skerry.hooks.add({
    on: "before-install",
    identity: "test",
    ask({ add, remove }) {
      asked.push({ add: add.requirements, remove });
      return { refuse: "frozen" };
    },
  });
  await expect(env.packages.restore(1)).rejects.toMatchObject({ code: "SKE-HOOK-REFUSED" });
  await expect(env.packages.undo()).rejects.toMatchObject({ code: "SKE-HOOK-REFUSED" });
  expect(asked).toEqual([
    { add: ["gamma==1.0", "alpha==1.0"], remove: [] },
    { add: ["gamma==1.0"], remove: [] },
  ]);
});

test("any walk through changes and moves leads where an editor's undo would", async () => {
  await using at = await setUp();
  const step = fc.oneof(
    fc
      .constantFrom("alpha==1.0", "alpha==2.0", "beta==1.0", "gamma")
      .map((what) => ({ verb: "install" as const, what })),
    fc.constantFrom("alpha", "beta", "gamma").map((what) => ({ verb: "uninstall" as const, what })),
    fc.constantFrom("undo" as const, "redo" as const).map((verb) => ({ verb })),
    fc.integer({ min: 1, max: 4 }).map((n) => ({ verb: "restore" as const, n })),
  );
  const walk = async (mode: PackageMode, steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) => {
    await using env = await at.skerry.create({ mode });
    let states = [{ lock: env.record.lock, files: prefixOf(env) }];
    let present = 0;
    for (const one of steps) {
      const to = { undo: present - 1, redo: present + 1, restore: "n" in one ? one.n - 1 : 0 };
      const failed = await {
        install: () => env.packages.install(["what" in one ? one.what : ""]),
        uninstall: () => env.packages.uninstall(["what" in one ? one.what : ""]),
        undo: () => env.packages.undo(),
        redo: () => env.packages.redo(),
        restore: () => env.packages.restore("n" in one ? one.n : 0),
      }
        [one.verb]()
        .then(() => undefined)
        .catch((error: { code: string }) => error.code);
      if (one.verb === "install" || one.verb === "uninstall") {
        const now = { lock: env.record.lock, files: prefixOf(env) };
        if (now.lock !== states[present]!.lock) states = [...states.slice(0, ++present), now];
      } else if (states[to[one.verb]]) present = to[one.verb];
      else expect(failed).toBe("SKE-PKG-HISTORY");
      expect(prefixOf(env)).toEqual(states[present]!.files);
      expect((await env.packages.history()).map(({ lock, present: is }) => ({ lock, is }))).toEqual(
        states.map(({ lock }, i) => ({ lock, is: i === present })),
      );
    }
  };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("full", "thin"), fc.array(step, { minLength: 4, maxLength: 8 }), walk),
    { numRuns: 6 },
  );
}, 60_000);
