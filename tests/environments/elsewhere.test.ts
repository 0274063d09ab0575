import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { PackageHome, PackageRepair } from "../../src/core/package-home.ts";
import { virtualenvEngine } from "../../src/engines/virtualenv/virtualenv-engine.ts";
import { type EngineFactory, facetOf, present, type Realized } from "../../src/index.ts";
import { setUp } from "./setup.ts";

/** Homes by what they are given out as. */
const inside = new WeakMap<PackageHome, PackageHome>();
const asked = new Set<string>();

/** A home whose paths mean nothing on this machine: only it can tell what is there. */
function moved(home: PackageHome): PackageHome {
  const told: PackageHome = {
    target: home.target,
    prefix: "/elsewhere/env",
    sitePackages: "nowhere",
    mode: home.mode,
    verify: (op) => home.verify(op),
    installed: () => home.installed(),
    source: (host) => home.source(host),
    apply: (...args) => note("apply", home.apply(...args)),
    drift: (...args) => note("drift", home.drift(...args)),
    repair(host, work, op) {
      const rebuild: PackageRepair["rebuild"] = async () => inside.get(await work.rebuild())!;
      return note("repair", home.repair(host, { ...work, rebuild }, op));
    },
    missing: (...args) => home.missing(...args),
    hasTrees: (trees) => home.hasTrees(trees),
    sweepTrees: (kept) => home.sweepTrees(kept),
    byHand: (...args) => note("byHand", home.byHand(...args)),
    copyTrees: (from, trees) => home.copyTrees(inside.get(from)!, trees),
    copyFiles: (from, paths) => note("copyFiles", home.copyFiles(inside.get(from)!, paths)),
  };
  inside.set(told, home);
  return told;
}

function note<T>(what: string, done: T): T {
  asked.add(what);
  return done;
}

/** Virtual environments, the packages of which only their own homes find. */
const elsewhere: EngineFactory = (context) => {
  const engine = virtualenvEngine(context);
  const wrapped = (realized: Realized): Realized => {
    const [layers, repair] = [facetOf(realized, "layers"), facetOf(realized, "repair")];
    if (!layers.ok || !repair.ok) return realized;
    const { use } = repair;
    const rebuilt = present({
      ...use,
      rebuild: async (...args: Parameters<typeof use.rebuild>) => wrapped(await use.rebuild(...args)),
    });
    return { ...realized, facets: { ...realized.facets, layers: present(moved(layers.use)), repair: rebuilt } };
  };
  return {
    ...engine,
    name: "elsewhere",
    create: async (...args) => wrapped(await engine.create(...args)),
    open: (record) => wrapped(engine.open(record)),
  };
};

test.each(["thin", "full"] as const)(
  "packages of a %s environment are found, changed, repaired and cloned by its home alone, wherever that is",
  async (mode) => {
    asked.clear();
    await using at = await setUp();
    const skerry = await at.again({ engines: { elsewhere } });
    await using env = await skerry.create({ name: "api", engine: "elsewhere", mode, requirements: ["alpha==1.0"] });
    const held = async (of = env) => (await of.packages.list()).map(({ name, version }) => `${name} ${version}`);
    expect(await held()).toEqual(["alpha 1.0", "beta 2.0"]);
    await env.packages.install(["gamma"]);
    await env.packages.uninstall(["alpha"]);
    expect(await held()).toEqual(["gamma 1.0"]);
    await env.packages.undo();
    expect(await env.packages.why("beta")).not.toEqual([]);
    expect(await env.check()).toMatchObject({ healthy: true });
    rmSync(join(env.record.place, "venv/bin/alpha"));
    expect((await env.packages.drift()).files).toMatchObject([{ path: "bin/alpha", what: "missing" }]);
    expect((await env.repair()).mended).toEqual(["files-missing"]);
    expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
    await using twin = await env.clone({ name: "twin", mode });
    expect(await held(twin)).toEqual(["alpha 1.0", "beta 2.0", "gamma 1.0"]);
    expect([...asked].sort()).toEqual(["apply", "byHand", "copyFiles", "drift", "repair"]);
  },
);
