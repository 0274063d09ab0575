import { expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { foldersOf, setUp } from "./setup.ts";

/** Ways to spoil what makes a prefix an environment, as a program in it can. */
const SPOILT: Record<string, (prefix: string, site: string, outside: string) => void> = {
  "a program at bin/python": (prefix) => {
    unlinkSync(`${prefix}/bin/python`);
    copyFileSync("/bin/true", `${prefix}/bin/python`);
  },
  "a folder at bin/python3": (prefix) => {
    unlinkSync(`${prefix}/bin/python3`);
    mkdirSync(`${prefix}/bin/python3`);
  },
  "a folder at lib64": (prefix) => {
    rmSync(`${prefix}/lib64`, { force: true });
    mkdirSync(`${prefix}/lib64`);
  },
  "another home in pyvenv.cfg": (prefix) =>
    writeFileSync(
      `${prefix}/pyvenv.cfg`,
      readFileSync(`${prefix}/pyvenv.cfg`, "utf8").replace(/^home = .*$/m, "home = /usr/games/.."),
    ),
  "another base-executable in pyvenv.cfg": (prefix) => appendFileSync(`${prefix}/pyvenv.cfg`, "base-executable = /x\n"),
  "another bin/activate": (prefix) => writeFileSync(`${prefix}/bin/activate`, "echo other\n"),
  "a link at bin/activate": (prefix, _, outside) => {
    unlinkSync(`${prefix}/bin/activate`);
    symlinkSync(outside, `${prefix}/bin/activate`);
  },
  "a folder at bin/activate": (prefix) => {
    unlinkSync(`${prefix}/bin/activate`);
    mkdirSync(`${prefix}/bin/activate`);
  },
  "a folder at _skerry-layer": (_, site) => {
    unlinkSync(`${site}/_skerry-layer`);
    mkdirSync(`${site}/_skerry-layer`);
    writeFileSync(`${site}/_skerry-layer/mine`, "mine");
  },
  "a folder at the layer's .pth": (_, site) => {
    unlinkSync(`${site}/00_skerry_layer.pth`);
    mkdirSync(`${site}/00_skerry_layer.pth`);
  },
};

for (const mode of ["thin", "full"] as const) {
  test(`${mode}: check sees what stands in the place of own files, and repair puts them back, and writes through no link`, async () => {
    await using at = await setUp();
    const env = await at.skerry.create({ name: mode, mode, requirements: ["gamma"], keep: true });
    const { prefix, site } = foldersOf(env);
    const outside = at.rig.write("outside", "mine");
    for (const [what, spoil] of Object.entries(SPOILT)) {
      if (mode === "full" && what.includes("layer")) continue;
      spoil(prefix, site, outside);
      expect({ what, ...(await env.check()) }).toMatchObject({ what, healthy: false });
      await env.repair();
      expect({ what, ...(await env.check()) }).toMatchObject({ what, healthy: true });
      expect(readFileSync(outside, "utf8")).toBe("mine");
    }
    expect((await env.run(["python", "-c", "import gamma"])).exitCode).toBe(0);
    expect(lstatSync(join(prefix, "bin/python")).isSymbolicLink()).toBe(true);
    if (mode === "thin") expect(existsSync(`${site}/_skerry-layer.kept/mine`)).toBe(true);
  }, 120_000);
}

test("the same version put there once more by another installer: is as it was", async () => {
  await using at = await setUp();
  const env = await at.skerry.create({ name: "full", mode: "full", requirements: ["gamma"], keep: true });
  const { site } = foldersOf(env);
  const info = join(site, "gamma-1.0.dist-info");
  // As pip leaves them.
  writeFileSync(join(info, "INSTALLER"), "pip\n");
  appendFileSync(join(info, "RECORD"), "__pycache__/gamma.cpython-312.pyc,,\n");
  rmSync(join(info, "REQUESTED"), { force: true });
  expect(await env.check()).toMatchObject({ healthy: true });
  const { findings } = await at.skerry.doctor();
  expect(findings.filter(({ level, subject }) => level !== "ok" && subject.includes("full"))).toEqual([]);
  rmSync(join(info, "RECORD"));
  expect(await env.check()).toMatchObject({ healthy: false });
}, 60_000);

test("what stands in the place of a package's file, or can't be read: repair puts the file back and keeps the rest", async () => {
  await using at = await setUp();
  for (const mode of ["thin", "full"] as const) {
    const env = await at.skerry.create({ name: mode, mode, requirements: ["alpha==1.0"], keep: true });
    const { prefix, site } = foldersOf(env);
    const paths = [`${prefix}/bin/alpha`, ...(mode === "full" ? [`${site}/alpha.py`] : [])];
    for (const path of paths) {
      unlinkSync(path);
      mkdirSync(path);
      writeFileSync(`${path}/mine`, "mine");
    }
    expect(await env.check()).toMatchObject({ healthy: false });
    await env.repair();
    expect(await env.check()).toMatchObject({ healthy: true });
    for (const path of paths) expect(readFileSync(`${path}.kept/mine`, "utf8")).toBe("mine");
    for (const lacking of [0o644, 0o311]) {
      chmodSync(paths[0]!, lacking);
      expect(await env.check()).toMatchObject({ healthy: false });
      await env.repair();
      expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
    }
  }
}, 60_000);

test("doctor --fix mends a changed command of an environment that nobody may change", async () => {
  await using at = await setUp();
  await using env = await at.skerry.cached({ requirements: ["alpha==1.0"] });
  const command = `${foldersOf(env).prefix}/bin/alpha`;
  unlinkSync(command);
  writeFileSync(command, "#!/bin/sh\necho other\n", { mode: 0o755 });
  await at.skerry.doctor({ fix: true });
  expect((await env.run(["alpha"])).stdout).toBe("alpha 1.0\n");
}, 60_000);
