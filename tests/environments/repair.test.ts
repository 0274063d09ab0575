import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { PackageMode } from "../../src/core/spec.ts";
import type { Environment, RepairOptions } from "../../src/index.ts";
import { newestPython, pythons, type Rig } from "../rig/rig.ts";
import { foldersOf, putByHand, setUp } from "./setup.ts";

const kinds = async (env: Environment) => (await env.repair({ dryRun: true })).faults.map(({ kind }) => kind);

/** Repairs, and expects that nothing is wrong afterwards. @returns what was mended */
async function mended(env: Environment, options: RepairOptions = {}): Promise<string[]> {
  const report = await env.repair(options);
  expect(await kinds(env)).toEqual([]);
  return [...report.mended];
}

/** An interpreter of the rig's own, with the library of a real one. @returns its path */
function fakePython(rig: Rig): string {
  const real = newestPython().path;
  const root = join(rig.root, "python");
  mkdirSync(join(root, "bin"), { recursive: true });
  symlinkSync(join(dirname(dirname(real)), "lib"), join(root, "lib"));
  copyFileSync(real, join(root, "bin", "python3"));
  return join(root, "bin", "python3");
}

for (const mode of ["full", "thin"] as const satisfies readonly PackageMode[]) {
  describe(`a ${mode} environment`, () => {
    test("whose interpreter was replaced or is gone runs with it, or with the same version elsewhere", async () => {
      await using at = await setUp();
      const python = fakePython(at.rig);
      await using env = await at.skerry.create({ mode, python, requirements: ["alpha==1.0"] });
      expect(await kinds(env)).toEqual([]);
      utimesSync(python, 1e9, 1e9);
      expect(env.run(["alpha"])).rejects.toMatchObject({
        code: "SKE-ENV-BROKEN",
        hint: expect.stringContaining(`skerry repair ${env.name}`),
      });
      expect(await mended(env)).toContain("python-changed");
      expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
      rmSync(dirname(dirname(python)), { recursive: true });
      expect(await mended(env)).toContain("python-moved");
      expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
      expect((await at.skerry.open(env.id)).record.spec.python).not.toBe(python);
    });

    test("that lost its skeleton, its prefix or all of its folder gets them back, with its packages", async () => {
      await using at = await setUp();
      await using env = await at.skerry.create({ mode, requirements: ["alpha==1.0"] });
      const { prefix } = foldersOf(env);
      rmSync(join(prefix, "bin/python"));
      rmSync(join(prefix, "bin/activate"));
      appendFileSync(join(prefix, "bin/activate.fish"), "# mine\n");
      writeFileSync(join(prefix, "pyvenv.cfg"), "garbage");
      expect(await kinds(env)).toEqual(["venv-config", "python-link", "activation"]);
      await mended(env);
      expect(readFileSync(join(prefix, "bin/activate.fish"), "utf8")).toEndWith("# mine\n");
      rmSync(prefix, { recursive: true });
      expect(await mended(env)).toEqual(["prefix-gone"]);
      expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
      rmSync(env.record.place, { recursive: true });
      expect(await mended(env)).toEqual(["place", "prefix-gone"]);
      expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
    });

    test("gets another version of Python only when it is asked for, with packages resolved anew", async () => {
      await using at = await setUp();
      const other = pythons().find((one) => one.implementation === "cpython" && one.minor !== newestPython().minor)!;
      await using env = await at.skerry.create({ mode, python: newestPython().path, requirements: ["alpha==1.0"] });
      const { prefix } = foldersOf(env);
      await mended(env, { python: other.path });
      const { stdout } = await env.run(["python", "-c", "import alpha, sys; print(sys.version_info[1])"]);
      expect(stdout).toBe(`${other.minor.split(".")[1]}\n`);
      expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
      expect(existsSync(join(prefix, `lib/python${newestPython().minor}`))).toBe(false);
    });

    test("keeps aside what was put into it by hand when it gets another version of Python", async () => {
      await using at = await setUp();
      const other = pythons().find((one) => one.implementation === "cpython" && one.minor !== newestPython().minor)!;
      await using env = await at.skerry.create({ mode, python: newestPython().path, requirements: ["alpha==1.0"] });
      const { site } = foldersOf(env);
      putByHand(site, "delta", "1.0");
      writeFileSync(join(site, "mine.py"), "MINE = 1\n");
      const { aside } = await env.repair({ python: other.path });
      expect(readdirSync(join(aside!, "site-packages"))).toEqual(
        expect.arrayContaining(["delta_by_hand.py", "delta-1.0.dist-info", "mine.py"]),
      );
      expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
      expect((await env.repair({ python: newestPython().path })).aside).toBeUndefined();
      expect(existsSync(join(site, "mine.py"))).toBe(false);
    });

    test("goes to no state of its history that is of another Python, until it has that again", async () => {
      await using at = await setUp();
      const other = pythons().find((one) => one.implementation === "cpython" && one.minor !== newestPython().minor)!;
      await using env = await at.skerry.create({ mode, python: newestPython().path, requirements: ["alpha==1.0"] });
      await env.packages.install(["gamma"]);
      await mended(env, { python: other.path });
      for (const move of [() => env.packages.undo(), () => env.packages.restore(1)]) {
        await expect(move()).rejects.toMatchObject({
          code: "SKE-PKG-HISTORY",
          message: expect.stringContaining("another Python"),
          hint: expect.stringContaining("--python"),
        });
      }
      await env.packages.uninstall(["gamma"]);
      await env.packages.undo();
      await mended(env, { python: newestPython().path });
      await env.packages.restore(1);
      expect((await env.packages.list()).map(({ name }) => name)).toEqual(["alpha", "beta"]);
      expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
    });

    test("gets no other version of Python while a command runs in it", async () => {
      await using at = await setUp();
      const other = pythons().find((one) => one.implementation === "cpython" && one.minor !== newestPython().minor)!;
      await using env = await at.skerry.create({ mode, python: newestPython().path, requirements: ["alpha==1.0"] });
      const running = await env.start(["sleep", "60"]);
      await expect(env.repair({ python: other.path })).rejects.toMatchObject({
        code: "SKE-ENV-BUSY",
        message: expect.stringContaining("sleep 60"),
      });
      expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
      await running.stop({ graceMs: 0 });
      await mended(env, { python: other.path });
    });

    test("is mended where the store was changed, and so is everyone who reads the same", async () => {
      await using at = await setUp();
      await using full = await at.skerry.create({ mode: "full", requirements: ["gamma"] });
      await using env = await at.skerry.create({ mode, requirements: ["gamma"] });
      await using neighbour = await at.skerry.create({ mode: "thin", requirements: ["gamma", "beta==1.0"] });
      const file = join(foldersOf(full).site, "gamma.py");
      chmodSync(file, 0o644);
      appendFileSync(file, "DAMAGED = True\n");
      expect(await mended(env)).toEqual(["store-damaged"]);
      for (const one of [env, neighbour]) {
        const { stdout } = await one.run(["python", "-c", "import gamma; print(hasattr(gamma, 'DAMAGED'))"]);
        expect(stdout).toBe("False\n");
      }
      expect(await mended(full)).toEqual(["files-changed"]);
      expect(readFileSync(file, "utf8")).not.toContain("DAMAGED");
    });
  });
}

describe("packages of a full environment", () => {
  test("that were changed by hand are put back, and what was put beside them stays", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ mode: "full", requirements: ["alpha==1.0", "gamma"] });
    const { prefix, site } = foldersOf(env);
    rmSync(join(site, "alpha.py"));
    mkdirSync(join(site, "alpha.py"));
    rmSync(join(site, "alpha.py"), { recursive: true });
    rmSync(join(prefix, "bin/alpha"));
    writeFileSync(join(prefix, "bin/alpha"), "#!/bin/sh\necho mine\n");
    for (const name of ["beta.py", "beta-2.0.dist-info"]) rmSync(join(site, name), { recursive: true });
    rmSync(join(site, "gamma-1.0.dist-info"), { recursive: true });
    putByHand(site, "gamma", "0.5");
    putByHand(site, "delta", "1.0");
    expect((await kinds(env)).sort()).toEqual(["files-changed", "files-missing", "packages-gone", "packages-replaced"]);
    const careful = await env.repair({ safe: true });
    expect(careful.mended).toEqual(["files-missing"]);
    expect(careful.kept.join("\n")).toMatch(/delta 1\.0 was put there by hand(.|\n)*gamma 0\.5/);
    const report = await env.repair();
    expect(report.kept).toEqual(["delta 1.0 was put there by hand"]);
    expect(await kinds(env)).toEqual([]);
    expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
    expect(existsSync(join(site, "gamma_by_hand.py"))).toBe(false);
    expect(existsSync(join(site, "delta_by_hand.py"))).toBe(true);
    await env.repair({ exact: true });
    expect(await env.packages.drift()).toEqual({ distributions: [], files: [], layerLost: false });
    expect(existsSync(join(site, "delta_by_hand.py"))).toBe(false);
  });
});

test("in a thin environment, what is put on top stays until exactly the record is wanted", async () => {
  await using at = await setUp();
  await using env = await at.skerry.create({ mode: "thin", requirements: ["alpha==1.0"] });
  const { site } = foldersOf(env);
  putByHand(site, "alpha", "2.0");
  rmSync(join(site, "_skerry-layer"));
  expect((await env.repair()).mended).toEqual(["layer-lost"]);
  expect((await env.packages.drift()).distributions).toEqual([{ name: "alpha", recorded: "1.0", present: "2.0" }]);
  expect(await mended(env, { exact: true })).toEqual(["packages-replaced"]);
});

describe("a prefix in a project", () => {
  test("that something else took is left alone; one that lost its pointer is taken up again", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ prefix: ".venv", requirements: ["gamma"] });
    const { prefix } = foldersOf(env);
    rmSync(join(prefix, "skerry.json"));
    expect(await kinds(env)).toEqual(["prefix-moved"]);
    await mended(env);
    rmSync(prefix, { recursive: true });
    mkdirSync(prefix);
    writeFileSync(join(prefix, "theirs"), "");
    expect(await kinds(env)).toEqual(["prefix-foreign"]);
    expect(env.repair()).rejects.toMatchObject({ code: "SKE-ENV-EXISTS" });
    expect((await env.repair({ safe: true })).mended).toEqual([]);
    expect(existsSync(join(prefix, "theirs"))).toBe(true);
  });

  test("that was moved is found from its new folder, and a copy doesn't touch the original", async () => {
    await using at = await setUp();
    const env = await at.skerry.create({ name: "app", prefix: "one/.venv", requirements: ["alpha==1.0"], keep: true });
    const at2 = join(at.rig.cwd, "two");
    cpSync(join(at.rig.cwd, "one"), at2, { recursive: true, verbatimSymlinks: true });
    const inTwo = await at.again({ cwd: at2 });
    expect(inTwo.repair(".")).rejects.toMatchObject({ message: expect.stringContaining("copy") });
    rmSync(at2, { recursive: true });
    renameSync(join(at.rig.cwd, "one"), at2);
    expect(inTwo.open(".")).rejects.toMatchObject({ hint: expect.stringContaining("skerry repair .") });
    expect((await inTwo.repair(".")).mended).toContain("prefix-moved");
    const moved = await inTwo.open(".");
    expect((await moved.run(["sh", "-c", ". $VIRTUAL_ENV/bin/activate; alpha; echo $VIRTUAL_ENV"])).stdout).toBe(
      `alpha 1.0\n${at2}/.venv\n`,
    );
    expect(env.id).toBe(moved.id);
  });
});

describe("a state folder", () => {
  test("that was moved as a whole works, and is mended where its old path is named", async () => {
    await using at = await setUp();
    for (const mode of ["full", "thin"] as const)
      await at.skerry.create({ name: mode, mode, requirements: ["alpha==1.0"], keep: true });
    const home = join(at.rig.root, "moved");
    renameSync(at.rig.home, home);
    const moved = await at.again({ home });
    for (const name of ["full", "thin"]) {
      const env = await moved.open(name);
      expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
      expect(await mended(env)).toEqual(["home-moved", "activation"]);
      expect(await moved.destroy(name)).toBe(true);
    }
  });

  test("that was copied never touches the original", async () => {
    await using at = await setUp();
    const env = await at.skerry.create({ name: "app", prefix: ".venv", requirements: ["alpha==1.0"], keep: true });
    const home = join(at.rig.root, "copy");
    cpSync(at.rig.home, home, { recursive: true, verbatimSymlinks: true });
    const copy = await at.again({ home });
    expect(await copy.destroy("app")).toBe(true);
    expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
  });
});
