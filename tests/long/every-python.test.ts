import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { newestPython, pythons, Rig } from "../rig/rig.ts";
import { uvFolder } from "../rig/uv.ts";

type Python = ReturnType<typeof pythons>[number];

/** Pure ones with dependencies and a script, and one that is compiled. */
const PACKAGES = ["requests", "rich", "attrs", "markupsafe"];

/** What an interpreter says of the environment it runs in. */
const ASK = `
import json, os, sys, sysconfig
from importlib.metadata import distributions
import attr, markupsafe, requests, rich
below = lambda path: os.path.relpath(path, sys.prefix)
print(json.dumps({
    "packages": sorted([d.metadata["Name"].lower(), d.version] for d in distributions()),
    "paths": {name: below(path) for name, path in sysconfig.get_paths().items() if name not in ("stdlib", "platstdlib", "include", "platinclude")},
    "base": [sysconfig.get_paths()[name] for name in ("stdlib", "include")],
    "flags": [sys.flags.no_site, sys.flags.isolated, sys.prefix != sys.base_prefix],
    "compiled": markupsafe.escape.__module__,
}))
`;

/** Two at a time, so that a test that fails still says on which Python. */
const PAIRS = Array.from({ length: Math.ceil(pythons().length / 2) }, (_, at) => pythons().slice(2 * at, 2 * at + 2));

async function ok(rig: Rig, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await rig.skerry(args, { timeout: 120_000 });
  expect({ args, exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ args, exitCode: 0, stderr: "" });
  return stdout;
}

/** What the same interpreter says in an environment that uv made. */
async function byUv(rig: Rig, python: Python): Promise<unknown> {
  const uv = join(uvFolder(), "uv");
  const prefix = join(rig.tmp, "by-uv");
  const steps = [
    ["venv", "--quiet", "--python", python.path, prefix],
    ["pip", "install", "--quiet", "--python", join(prefix, "bin/python"), ...PACKAGES],
  ];
  for (const step of steps) {
    const { exitCode, stderr } = await rig.run([uv, ...step], { timeout: 120_000 });
    expect({ step, exitCode, stderr }).toMatchObject({ step, exitCode: 0 });
  }
  return JSON.parse((await rig.run([join(prefix, "bin/python"), "-c", ASK])).stdout);
}

async function lives(rig: Rig, python: Python, expected: unknown, mode: "thin" | "full"): Promise<void> {
  const name = `${mode}-env`;
  const withs = PACKAGES.flatMap((one) => ["--with", one]);
  await ok(rig, "create", name, `--${mode}`, "--python", python.path, ...withs);
  const exec = (...command: string[]) => ok(rig, "exec", name, "--", ...command);
  expect(JSON.parse(await exec("python", "-c", ASK))).toEqual(expected);
  expect(await exec("python3", "-c", "import sys; print(sys.version.split()[0])")).toBe(
    `${python.version.split("+")[0]}\n`,
  );
  expect(await exec("normalizer", "--version")).toMatch(/Charset-Normalizer/i);
  const pip = await rig.skerry(["exec", name, "--", "python", "-m", "pip", "--version"]);
  expect(pip.stderr).toContain("No module named pip");
  expect(await ok(rig, "check", name)).toBe("");
  await ok(rig, "uninstall", name, "requests");
  const left = JSON.parse(await ok(rig, "packages", name, "--json")).packages.map((one: { name: string }) => one.name);
  expect(left).toEqual(expect.arrayContaining(["attrs", "markupsafe", "rich"]));
  expect(left).not.toContain("requests");
  expect(left).not.toContain("urllib3");
  expect((await rig.skerry(["exec", name, "--", "python", "-c", "import requests"])).stderr).toMatch(/ModuleNotFound/);
  const place = await rig.skerry(["exec", name, "--", "sh", "-c", "command -v normalizer"]);
  expect(place.stdout).not.toContain(rig.home);
  await exec("python", "-c", "import rich, attr, markupsafe");
  await ok(rig, "rm", name);
}

describe("environments on every Python of this machine", () => {
  test.each(
    PAIRS.map((pair) => [pair.map((one) => `${one.implementation} ${one.version}`).join(" and "), pair] as const),
  )("%s hold the same as those that uv makes, thin and full, from creation to removal", async (_, pair) => {
    await Promise.all(
      pair.map(async (python) => {
        await using rig = await Rig.make();
        const expected = await byUv(rig, python);
        await lives(rig, python, expected, "thin");
        await lives(rig, python, expected, "full");
        expect(readdirSync(join(rig.home, "envs"))).toEqual([]);
      }),
    );
  });
});

const oldest = pythons().find((one) => one.implementation === "cpython") ?? newestPython();

describe("the installers", () => {
  test.each([oldest, newestPython()].map((python) => [python.version, python] as const))(
    "uv and pip lock and install the same on %s",
    async (_, python) => {
      await using rig = await Rig.make();
      const withs = PACKAGES.flatMap((one) => ["--with", one]);
      const [byUv, byPip] = await Promise.all(
        ["uv", "pip"].map(async (installer) => {
          await ok(rig, "create", installer, "--installer", installer, "--python", python.path, ...withs);
          return JSON.parse(await ok(rig, "exec", installer, "--", "python", "-c", ASK));
        }),
      );
      expect(byPip).toEqual(byUv);
    },
  );
});

describe("the interpreter's own packages", () => {
  test("are there with --system-site-packages alone", async () => {
    await using rig = await Rig.make();
    const python = newestPython().path;
    const own = await rig.run([python, "-c", "import pip; print(pip.__version__)"]);
    expect(own.exitCode).toBe(0);
    const ask = ["--", "python", "-m", "pip", "--version"];
    await ok(rig, "create", "apart", "--python", python);
    await ok(rig, "create", "joined", "--python", python, "--system-site-packages");
    expect((await rig.skerry(["exec", "apart", ...ask])).stderr).toContain("No module named pip");
    expect(await ok(rig, "exec", "joined", ...ask)).toContain(`pip ${own.stdout.trim()} `);
    const thin = ["run", "--python", python, "--with", "attrs"];
    expect((await rig.skerry([...thin, ...ask])).stderr).toContain("No module named pip");
    expect(await ok(rig, ...thin, "--system-site-packages", ...ask)).toContain(`pip ${own.stdout.trim()} `);
  });
});
