import { describe, expect, test } from "bun:test";
import { appendFileSync, chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PackageMode } from "../../src/core/spec.ts";
import type { Environment, VersionChange } from "../../src/index.ts";
import { startIndex } from "../rig/index.ts";
import { buildWheel, projectFiles } from "../rig/wheel.ts";
import { setUp, WHEELS } from "./setup.ts";

const names = async (env: Environment) => (await env.packages.list()).map(({ name, version }) => `${name} ${version}`);

test("packages that are asked for in a shape that nobody can mean are refused, and nothing changes", async () => {
  await using at = await setUp();
  await using env = await at.skerry.create({ requirements: ["alpha==1.0"] });
  for (const [request, message] of [
    ["beta", /^The options: /],
    [undefined, /^The options: /],
    [{ requirement: ["beta"] }, /"requirement"/],
    [{ requirements: "beta" }, /^requirements: /],
    [{ requirements: ["beta", 3] }, /^requirements\.1: /],
    [{ requirements: ["beta"], upgrade: "some" }, /^upgrade: /],
    [{ requirements: ["beta"], force: "yes" }, /^force: /],
  ] as [never, RegExp][]) {
    const refusal = { code: "SKE-USAGE", message: expect.stringMatching(message) };
    await expect(env.packages.install(request)).rejects.toMatchObject(refusal);
    await expect(env.packages.sync(request)).rejects.toMatchObject(refusal);
    await expect(env.packages.plan(request)).rejects.toMatchObject(refusal);
  }
  expect(await names(env)).toEqual(["alpha 1.0", "beta 2.0"]);
});

for (const mode of ["full", "thin"] as const satisfies readonly PackageMode[]) {
  describe(`packages of a ${mode} environment`, () => {
    test("are installed, upgraded and removed with what only they required", async () => {
      await using at = await setUp();
      await using env = await at.skerry.create({ mode, requirements: ["alpha==1.0"] });
      expect(await names(env)).toEqual(["alpha 1.0", "beta 2.0"]);
      expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");

      expect(await env.packages.install(["gamma", "alpha>=2"])).toEqual({
        added: [{ name: "gamma", version: "1.0" }],
        removed: [],
        changed: [{ name: "alpha", from: "1.0", to: "2.0" }],
      });
      expect((await env.run(["python", "-c", "import alpha; print(alpha.VERSION)"])).stdout).toBe("2.0\n");
      expect(env.run(["alpha"])).rejects.toMatchObject({ code: "SKE-COMMAND-NOT-FOUND" });

      expect(await env.packages.uninstall(["Alpha"])).toEqual({
        added: [],
        removed: [
          { name: "alpha", version: "2.0" },
          { name: "beta", version: "2.0" },
        ],
        changed: [],
      });
      expect(await names(env)).toEqual(["gamma 1.0"]);
      expect((await env.run(["python", "-c", "import alpha"])).exitCode).toBe(1);
      await env.packages.uninstall(["gamma"]);
      expect(await names(env)).toEqual([]);
    });

    test("stay as they were when a change fails", async () => {
      await using at = await setUp();
      await using env = await at.skerry.create({ mode, requirements: ["alpha==1.0"] });
      const before = { names: await names(env), lock: env.record.lock };
      for (const [request, code] of [
        [["no-such-package"], "SKE-PKG-NOT-FOUND"],
        [["beta==9"], "SKE-PKG-VERSION"],
        [["alpha==2.0", "beta<2"], "SKE-PKG-CONFLICT"],
        [["not a requirement!"], "SKE-PKG-REQUIREMENT"],
      ] as const) {
        await expect(env.packages.install(request), code).rejects.toMatchObject({ code });
      }
      expect(env.packages.uninstall(["beta"])).rejects.toMatchObject({ code: "SKE-PKG-REQUIRED" });
      expect(env.packages.uninstall(["gamma"])).rejects.toMatchObject({ code: "SKE-PKG-NOT-FOUND" });
      expect({ names: await names(env), lock: (await at.skerry.open(env.id)).record.lock }).toEqual(before);
      expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
    });

    test("can be a project's folder in editable form, which no other environment shares", async () => {
      await using at = await setUp();
      const project = join(at.rig.cwd, "delta");
      const what = { name: "delta", version: "0.1", requires: ["beta"] };
      // What a build backend makes of a project in editable form: a line that leads to its sources.
      const editable = buildWheel({ ...what, files: { "delta.pth": `${project}/src\n` } });
      const files = { ...projectFiles(what), [`backend/${editable.filename}`]: editable.bytes, "src/delta.py": "" };
      for (const [path, bytes] of Object.entries(files)) {
        mkdirSync(join(project, path, ".."), { recursive: true });
        writeFileSync(join(project, path), bytes);
      }
      await using env = await at.skerry.create({ mode, editables: ["./delta"] });
      expect(await env.packages.list()).toMatchObject([
        { name: "beta" },
        { name: "delta", source: "editable", requested: true },
      ]);
      const where = await env.run(["python", "-c", "import delta; print(delta.__file__)"]);
      expect(where.stdout.startsWith(project)).toBe(true);
      expect(readdirSync(join(env.record.place, "trees")).length).toBeGreaterThan(0);
      expect(await env.packages.uninstall(["delta"])).toMatchObject({
        removed: expect.arrayContaining([expect.objectContaining({ name: "delta" })]),
      });
      expect((await env.run(["python", "-c", "import delta"], { cwd: "/" })).exitCode).toBe(1);
    });

    test("are checked against each other", async () => {
      await using at = await setUp();
      await using env = await at.skerry.create({ mode, requirements: ["alpha==2.0"] });
      expect(await env.packages.check()).toEqual([]);
      const layers = env.facet("layers");
      if (!layers.ok) throw new Error(layers.reason);
      const info = join(layers.use.prefix, layers.use.sitePackages, "gamma-1.0.dist-info");
      mkdirSync(info);
      writeFileSync(
        join(info, "METADATA"),
        "Metadata-Version: 2.1\nName: gamma\nVersion: 1.0\nRequires-Dist: beta<2\nRequires-Dist: missing; python_version >= '3'\nRequires-Dist: ignored; extra == 'x'\n",
      );
      expect(await env.packages.check()).toEqual([
        { package: "gamma 1.0", requirement: "beta<2", installed: "2.0" },
        { package: "gamma 1.0", requirement: "missing ; python_version >= '3'", installed: undefined },
      ]);
      expect((await env.packages.list()).find((one) => one.name === "gamma")).toMatchObject({ source: "by-hand" });
    });
  });
}

test("packages are updated as far as what was asked for allows, and a dry run only tells it", async () => {
  await using at = await setUp({ distributions: WHEELS.filter(({ version }) => version === "1.0") });
  await using env = await at.skerry.create({ requirements: ["alpha<2", "gamma", "beta"] });
  expect(await names(env)).toEqual(["alpha 1.0", "beta 1.0", "gamma 1.0"]);
  at.index.add(
    ...WHEELS.filter(({ version }) => version === "2.0"),
    buildWheel({ name: "gamma", version: "1.1", requires: ["beta"] }),
  );
  const only = (...changed: VersionChange[]) => ({ added: [], removed: [], changed });
  expect(await env.packages.update("all", { dryRun: true })).toMatchObject(
    only({ name: "beta", from: "1.0", to: "2.0" }, { name: "gamma", from: "1.0", to: "1.1" }),
  );
  expect(await names(env)).toEqual(["alpha 1.0", "beta 1.0", "gamma 1.0"]);
  expect(await env.packages.history()).toHaveLength(1);
  expect(await env.packages.update(["Gamma"])).toEqual(only({ name: "gamma", from: "1.0", to: "1.1" }));
  expect(await env.packages.update(["alpha"])).toEqual(only());
  expect(await env.packages.update("all")).toEqual(only({ name: "beta", from: "1.0", to: "2.0" }));
  expect((await env.packages.history()).map(({ operation, asked }) => `${operation} ${asked}`)).toEqual([
    "create alpha<2 gamma beta",
    "update gamma",
    "update --all",
  ]);
  await expect(env.packages.update(["delta"])).rejects.toMatchObject({ code: "SKE-PKG-NOT-FOUND" });
  await using empty = await at.skerry.create();
  expect(await empty.packages.update("all")).toEqual(only());
});

test("two environments with the same packages share them, and a damaged wheel is made anew", async () => {
  await using at = await setUp();
  await using first = await at.skerry.create({ mode: "full", requirements: ["gamma"] });
  const asked = at.index.requests.length;
  const file = (env: Environment) =>
    join(
      env.record.place,
      "venv",
      first.facet("layers").ok ? (first.facet("layers") as { use: { sitePackages: string } }).use.sitePackages : "",
      "gamma.py",
    );
  await using second = await at.skerry.create({ mode: "full", requirements: ["gamma"] });
  expect(at.index.requests.length).toBe(asked);
  expect(statSync(file(second)).ino).toBe(statSync(file(first)).ino);

  // As root would by accident, or an owner after chmod: the write goes through the link into the store.
  chmodSync(file(second), 0o644);
  appendFileSync(file(second), "DAMAGED = True\n");
  const told: unknown[] = [];
  using _ = at.skerry.events.on((event) => void (event.kind === "tree.damaged" && told.push(event.data)));
  await using third = await at.skerry.create({ mode: "full", requirements: ["gamma"] });
  expect((await third.run(["python", "-c", "import gamma; print(hasattr(gamma, 'DAMAGED'))"])).stdout).toBe("False\n");
  expect(told).toEqual([
    expect.objectContaining({ package: "gamma==1.0", environments: expect.arrayContaining([first.name, second.name]) }),
  ]);
});

test("what was asked for with a password, which isn't kept, has to be given again where it is fetched again", async () => {
  await using at = await setUp();
  await using closed = await startIndex({ distributions: WHEELS, auth: { user: "me", password: "word" } });
  const wheel = WHEELS.find((one) => one.filename.startsWith("gamma"))!.filename;
  const secret = `gamma @ ${closed.urlWithAuth.replace("simple", "files")}/${wheel}`;
  await using env = await at.skerry.create({ requirements: [secret] });
  await env.packages.install(["beta"]);

  const variables = { ...at.rig.env, PIP_INDEX_URL: at.index.url, UV_DEFAULT_INDEX: at.index.url };
  const later = await at.again({ env: { ...variables, UV_CACHE_DIR: join(at.rig.root, "another-cache") } });
  const same = await later.open(env.name);
  const refused = { code: "SKE-NETWORK", hint: expect.stringMatching(/gamma @ http:..\*{4}@.*install it again/) };
  await expect(same.packages.install(["alpha"])).rejects.toMatchObject(refused);
  // What was resolved before, and what the store has, needs no password.
  await same.packages.uninstall(["beta"]);
  await same.packages.undo();
  await using clone = await same.clone();
  expect((await clone.packages.list()).map((one) => one.name)).toEqual(["beta", "gamma"]);

  await same.packages.install([secret, "alpha"]);
  await same.packages.install([`gamma @ ${at.index.url.replace("simple", "files")}/${wheel}`]);
  const last = await (await at.again()).open(env.name);
  await last.packages.uninstall(["beta", "alpha"]);
  expect((await last.packages.list()).map((one) => one.name)).toEqual(["gamma"]);
});

test("cached environments are shared by requests that come to the same, and can't be changed", async () => {
  await using at = await setUp();
  const one = await at.skerry.cached({ requirements: ["alpha"] });
  const two = await at.skerry.cached({ requirements: ["alpha>=1"] });
  const three = await at.skerry.cached({ requirements: ["gamma", "alpha"] });
  expect(two.id).toBe(one.id);
  expect(three.id).not.toBe(one.id);
  expect(await at.skerry.list()).toEqual([]);
  expect(await at.skerry.list({ cached: true })).toHaveLength(2);
  expect(one.packages.install(["gamma"])).rejects.toMatchObject({ code: "SKE-ENV-BUSY" });
});
