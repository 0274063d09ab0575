import { expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { PackageMode } from "../../src/core/spec.ts";
import { buildWheel, projectFiles } from "../rig/wheel.ts";
import { foldersOf, putByHand, setUp } from "./setup.ts";

for (const from of ["full", "thin"] as const satisfies readonly PackageMode[]) {
  for (const mode of ["full", "thin"] as const satisfies readonly PackageMode[]) {
    test(`a ${mode} clone of a ${from} environment has its packages, and a place of its own`, async () => {
      await using at = await setUp();
      await using env = await at.skerry.create({
        mode: from,
        requirements: ["alpha==1.0"],
        variables: { MARK: "yes" },
      });
      const { site } = foldersOf(env);
      putByHand(site, "delta", "1.0");
      writeFileSync(join(foldersOf(env).prefix, "bin/mine"), `#!${foldersOf(env).prefix}/bin/python\nprint("mine")\n`, {
        mode: 0o755,
      });
      const asked = at.index.requests.length;
      await using twin = await env.clone({ mode });
      expect(at.index.requests.length).toBe(asked);
      const { stdout } = await twin.run([
        "sh",
        "-c",
        "alpha; mine; echo $VIRTUAL_ENV $MARK; . $VIRTUAL_ENV/bin/activate",
      ]);
      expect(stdout).toBe(`alpha 1.0\nmine\n${foldersOf(twin).prefix} yes\n`);
      expect(readFileSync(join(foldersOf(twin).prefix, "bin/mine"), "utf8")).not.toContain(env.id);
      expect(await twin.packages.list()).toEqual(await env.packages.list());
      expect((await twin.packages.drift()).files).toEqual((await env.packages.drift()).files);
      await twin.packages.install(["gamma"]);
      expect((await env.packages.list()).some((one) => one.name === "gamma")).toBe(false);
    });
  }
}

test("what was changed by hand in a full environment comes along into a full clone as copies", async () => {
  await using at = await setUp();
  await using env = await at.skerry.create({ mode: "full", requirements: ["alpha==1.0", "gamma"] });
  const { site } = foldersOf(env);
  for (const name of ["beta.py", "beta-2.0.dist-info", "gamma-1.0.dist-info"])
    rmSync(join(site, name), { recursive: true });
  putByHand(site, "gamma", "0.5");
  const text = readFileSync(join(site, "alpha.py"), "utf8");
  rmSync(join(site, "alpha.py"));
  writeFileSync(join(site, "alpha.py"), `${text}# mine\n`);
  await using twin = await env.clone({ mode: "full" });
  expect(await twin.packages.drift()).toEqual(await env.packages.drift());
  appendFileSync(join(foldersOf(twin).site, "alpha.py"), "# the twin's\n");
  expect(readFileSync(join(site, "alpha.py"), "utf8")).toEndWith("# mine\n");
});

test("a project in editable form leads the clone to the same sources, with private trees of its own", async () => {
  await using at = await setUp();
  const project = join(at.rig.cwd, "delta");
  const what = { name: "delta", version: "0.1" };
  const editable = buildWheel({ ...what, files: { "delta.pth": `${project}/src\n` } });
  const files = { ...projectFiles(what), [`backend/${editable.filename}`]: editable.bytes, "src/delta.py": "" };
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), bytes);
  }
  await using env = await at.skerry.create({ editables: ["./delta"] });
  await using twin = await env.clone();
  const { stdout } = await twin.run(["python", "-c", "import delta; print(delta.__file__)"], { cwd: "/" });
  expect(stdout).toStartWith(project);
  const [tree] = readdirSync(join(twin.record.place, "trees"));
  expect(statSync(join(twin.record.place, "trees", tree!)).ino).not.toBe(
    statSync(join(env.record.place, "trees", tree!)).ino,
  );
  expect((await twin.packages.drift({ deep: true })).files).toEqual([]);
});

test("several are made, or none", async () => {
  await using at = await setUp();
  await using env = await at.skerry.create({ name: "api", requirements: ["gamma"] });
  const clones = await env.clone({ name: "api2", count: 3, keep: true });
  expect(clones.map(({ name }) => name)).toEqual(["api2-1", "api2-2", "api2-3"]);
  await at.skerry.destroy("api2-1");
  expect(env.clone({ name: "api2", count: 3 })).rejects.toMatchObject({ code: "SKE-ENV-EXISTS" });
  using _ = at.skerry.hooks.add({
    on: "before-create",
    identity: "two",
    ask: ({ spec }) => (spec.name === "other-3" ? { refuse: "two are enough" } : undefined),
  });
  expect(env.clone({ name: "other", count: 3 })).rejects.toMatchObject({ code: "SKE-HOOK-REFUSED" });
  for (const count of [0, 1.5, 1001]) expect(env.clone({ count })).rejects.toMatchObject({ code: "SKE-USAGE" });
  expect((await at.skerry.list()).map(({ name }) => name).sort()).toEqual(["api", "api2-2", "api2-3"]);
  const basic = await at.skerry.create({ engine: "basic" });
  const place = basic.record.place;
  await using twin = await basic.clone();
  expect((await twin.run(["python", "-c", "print(1)"])).stdout).toBe("1\n");
  expect(await basic.destroy()).toBe(true);
  expect(existsSync(place)).toBe(false);
});
