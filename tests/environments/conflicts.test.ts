import { expect, test } from "bun:test";
import type { Environment } from "../../src/index.ts";
import { buildWheel } from "../rig/wheel.ts";
import { setUp } from "./setup.ts";

const wheel = (name: string, version: string, requires: readonly string[] = []) =>
  buildWheel({ name, version, requires });
const distributions = [
  wheel("flask", "2.3", ["werkzeug>=2.3"]),
  wheel("flask", "3.0.2", ["werkzeug>=3.0"]),
  wheel("werkzeug", "2.3"),
  wheel("werkzeug", "3.0"),
  wheel("werkzeug", "3.1"),
  wheel("gamma", "1.0"),
  wheel("gamma", "2.0"),
];
const names = async (env: Environment) => (await env.packages.list()).map(({ name, version }) => `${name} ${version}`);
const broken = async (env: Environment) =>
  (await env.packages.check()).map((one) => `${one.package}: ${one.requirement}, ${one.installed}`);

test("a conflict changes nothing, and a plan tells it as data", async () => {
  await using at = await setUp({ distributions });
  await using env = await at.skerry.create({ name: "api", requirements: ["werkzeug<3"] });
  const before = { names: await names(env), lock: env.record.lock };
  const plan = await env.packages.plan(["flask>=3"]);
  expect(plan).toMatchObject({
    ok: false,
    error: { code: "SKE-PKG-CONFLICT" },
    conflict: { drop: [{ requirement: "flask>=3", by: "now" }] },
  });
  expect(env.packages.install(["flask>=3"])).rejects.toMatchObject({
    message: expect.stringContaining("api asks for werkzeug<3"),
    hint: expect.stringContaining("skerry install api 'flask>=2.3'"),
  });
  expect(await env.packages.plan(["gamma"])).toMatchObject({
    ok: true,
    change: {
      added: [{ name: "gamma", version: "2.0" }],
      removed: [],
      changed: [],
      downloads: [{ name: "gamma", version: "2.0" }],
    },
  });
  expect({ names: await names(env), lock: (await at.skerry.open("api")).record.lock }).toEqual(before);
});

test("resolve takes the least change, for a new environment too, and the record tells the truth", async () => {
  await using at = await setUp({ distributions });
  await using env = await at.skerry.create({ requirements: ["werkzeug<3"] });
  expect(await env.packages.install({ requirements: ["flask>=3"], resolve: true })).toEqual({
    added: [{ name: "flask", version: "2.3" }],
    removed: [],
    changed: [],
    relaxed: [{ from: "flask>=3", to: "flask>=2.3" }],
  });
  expect(env.record.spec.packages.requirements).toEqual(["flask>=2.3", "werkzeug<3"]);
  expect(env.packages.install({ requirements: ["nowhere"], resolve: true })).rejects.toMatchObject({
    code: "SKE-PKG-NOT-FOUND",
  });
  const asked = { requirements: ["werkzeug<3", "flask>=3", "gamma"], resolve: true };
  expect(await at.skerry.plan(asked)).toMatchObject({ ok: true, change: { relaxed: [{ to: "werkzeug<=3.0" }] } });
  await using other = await at.skerry.create(asked);
  expect(other.relaxed).toEqual([{ from: "werkzeug<3", to: "werkzeug<=3.0" }]);
  expect(other.record.spec.packages.requirements).toEqual(["flask>=3", "gamma", "werkzeug<=3.0"]);
  expect(await names(other)).toEqual(["flask 3.0.2", "gamma 2.0", "werkzeug 3.0"]);
});

for (const installer of ["uv", "pip"] as const) {
  test(`what was forced stays so through later changes, and check says what it breaks, with ${installer}`, async () => {
    await using at = await setUp({ distributions });
    await using env = await at.skerry.create({ name: "api", installer, requirements: ["flask>=3"] });
    await env.packages.install({ requirements: ["werkzeug<3"], force: true });
    const forced = ["flask 3.0.2", "werkzeug 2.3"];
    const problems = ["flask 3.0.2: werkzeug>=3.0, 2.3"];
    expect(await names(env)).toEqual(forced);
    expect(await broken(env)).toEqual(problems);
    // The lock doesn't hang together, yet it resolves again.
    await env.packages.install(["gamma==1.0"]);
    await env.packages.uninstall(["gamma"]);
    expect(await names(env)).toEqual(forced);
    await env.packages.undo();
    expect(await names(env)).toEqual([forced[0]!, "gamma 1.0", forced[1]!]);
    // Asked for by name without force, it counts like everything else.
    await env.packages.install(["werkzeug>=2"]);
    expect(await names(env)).toContain("werkzeug 3.1");
    expect(await broken(env)).toEqual([]);
  }, 120_000);
}

test("force that nothing stands against is a plain install; noDeps brings the package alone", async () => {
  await using at = await setUp({ distributions });
  await using env = await at.skerry.create({ requirements: ["gamma"] });
  await env.packages.install({ requirements: ["flask<3"], force: true });
  expect(env.record.spec.packages.forced).toBeUndefined();
  await env.packages.uninstall(["flask"]);
  await env.packages.install({ requirements: ["flask"], noDeps: true });
  expect(await names(env)).toEqual(["flask 3.0.2", "gamma 2.0"]);
  await env.packages.install(["gamma==1.0"]);
  expect(await names(env)).toEqual(["flask 3.0.2", "gamma 1.0"]);
  expect(await broken(env)).toEqual(["flask 3.0.2: werkzeug>=3.0, undefined"]);
  expect(env.packages.install({ requirements: ["gamma"], force: true, noDeps: true })).rejects.toMatchObject({
    code: "SKE-USAGE",
  });
});

test("an override counts until its package is asked for by name; pip has none", async () => {
  await using at = await setUp({ distributions });
  await using env = await at.skerry.create({ requirements: ["gamma"], installer: "uv" });
  await env.packages.install({ requirements: ["flask>=3"], overrides: ["werkzeug<3"] });
  expect(await names(env)).toEqual(["flask 3.0.2", "gamma 2.0", "werkzeug 2.3"]);
  await env.packages.install(["gamma==1.0"]);
  expect(await names(env)).toEqual(["flask 3.0.2", "gamma 1.0", "werkzeug 2.3"]);
  await env.packages.install(["werkzeug"]);
  expect(await names(env)).toEqual(["flask 3.0.2", "gamma 1.0", "werkzeug 3.1"]);
  await using piped = await at.skerry.create({ installer: "pip" });
  expect(piped.packages.install({ requirements: ["flask"], overrides: ["werkzeug<3"] })).rejects.toMatchObject({
    code: "SKE-USAGE",
  });
}, 60_000);

test("what others require is removed only by force, and comes back when it is asked for", async () => {
  await using at = await setUp({ distributions });
  await using env = await at.skerry.create({ requirements: ["flask>=3", "gamma"] });
  expect(env.packages.uninstall(["werkzeug"])).rejects.toMatchObject({
    code: "SKE-PKG-REQUIRED",
    message: `Could not remove werkzeug from ${env.name}: flask requires it`,
    hint: `skerry uninstall ${env.name} flask removes what requires it too; --force removes werkzeug alone`,
    details: { package: "werkzeug", requiredBy: ["flask"] },
  });
  await env.packages.install(["werkzeug"]);
  expect(env.packages.uninstall(["werkzeug"])).rejects.toMatchObject({
    hint: expect.stringContaining(`skerry uninstall ${env.name} werkzeug flask removes`),
  });
  await env.packages.undo();
  const removed = { added: [], removed: [{ name: "werkzeug", version: "3.1" }], changed: [] };
  expect(await env.packages.uninstall(["werkzeug"], { force: true, dryRun: true })).toEqual({
    ...removed,
    downloads: [],
  } as never);
  expect(await names(env)).toContain("werkzeug 3.1");
  expect(await env.packages.uninstall(["werkzeug"], { force: true })).toEqual(removed);
  await env.packages.install(["gamma==1.0"]);
  expect(await names(env)).toEqual(["flask 3.0.2", "gamma 1.0"]);
  expect(await broken(env)).toEqual(["flask 3.0.2: werkzeug>=3.0, undefined"]);
  await env.packages.install(["werkzeug"]);
  expect(await broken(env)).toEqual([]);
});
