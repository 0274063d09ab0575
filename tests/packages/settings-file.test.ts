import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packagesFrom } from "../cli/setup.ts";
import { startIndex } from "../rig/index.ts";
import { newestPython, Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";

/** What is no file, or too large a one, put at a path. */
const PUT: Readonly<Record<string, (path: string) => void>> = {
  pipe: (path) => expect(spawnSync("mkfifo", [path]).status).toBe(0),
  device: (path) => symlinkSync("/dev/zero", path),
  "file of 100 MB": (path) => {
    writeFileSync(path, "");
    truncateSync(path, 100_000_000);
  },
};

/** Files of the user's that uv and pip open themselves: by variable, else by place below the home folder. */
const NAMED = [
  "PIP_CONFIG_FILE",
  "PIP_CONSTRAINT",
  "PIP_BUILD_CONSTRAINT",
  "PIP_CERT",
  "PIP_CLIENT_CERT",
  "UV_CONFIG_FILE",
  "UV_CONSTRAINT",
  "UV_OVERRIDE",
  "UV_BUILD_CONSTRAINT",
  "SSL_CERT_FILE",
  "REQUESTS_CA_BUNDLE",
  "NETRC",
  ".netrc",
  ".pip/pip.conf",
  ".config/pip/pip.conf",
  ".config/uv/uv.toml",
];

describe("a file of the settings of uv and pip", () => {
  for (const installer of ["uv", "pip"]) {
    test.each(Object.keys(PUT))(
      `that is no file of text is waited for by nobody: %s, with ${installer}`,
      async (kind) => {
        await using rig = await Rig.make();
        const args = ["create", "x", "--python", newestPython().path, "--with", "demo"];
        const told = NAMED.map(async (name, at) => {
          const user = join(rig.root, `home-${at}`);
          const path = name.startsWith(".") ? join(user, name) : join(rig.root, `file-${at}`);
          mkdirSync(user);
          mkdirSync(dirname(path), { recursive: true });
          PUT[kind]!(path);
          const env = { SKERRY_INSTALLER: installer, HOME: user, ...(name.startsWith(".") ? {} : { [name]: path }) };
          const { exitCode, stderr } = await rig.skerry(args, { env });
          return [name, exitCode, stderr.replace(path, "PATH").split(/: |\n/).slice(0, 2).join(": ")];
        });
        const refused = "error: Could not take settings of uv and pip from PATH";
        expect(await Promise.all(told)).toEqual(NAMED.map((name) => [name, 1, refused]));
      },
    );

    test(`may be a folder or nothing, as it may for ${installer}`, async () => {
      await using rig = await Rig.make();
      await using index = await startIndex({ distributions: [buildWheel({ name: "demo", version: "1.0" })] });
      const folder = join(rig.root, "folder");
      mkdirSync(folder);
      for (const more of [
        { PIP_CONFIG_FILE: folder },
        { PIP_CONFIG_FILE: "/dev/null", UV_CONFIG_FILE: "/dev/null", NETRC: "/dev/null" },
      ]) {
        const env = { ...packagesFrom(index.url), SKERRY_INSTALLER: installer, ...more };
        const { exitCode, stderr } = await rig.skerry(["create", "--python", newestPython().path, "--with", "demo"], {
          env,
        });
        expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
      }
    });
  }
});

describe("a file of uv's settings that uv can't take", () => {
  test.each([
    ["no TOML", "index = [[[\n", "TOML parse error"],
    ["of another type", 'offline = "x"\n', "expected a boolean"],
    ["with an unknown key", "nonsense = 1\n", "unknown field `nonsense`"],
    ["no UTF-8", new Uint8Array([0x61, 0x3d, 0xff]), "valid UTF-8"],
    ["a folder", undefined, "Is a directory"],
  ])("is told by its name, with what is wrong: %s", async (_, text, says) => {
    await using rig = await Rig.make();
    for (const [path, env] of [
      [join(rig.user, ".config/uv/uv.toml"), {}],
      [join(rig.root, "own settings.toml"), { UV_CONFIG_FILE: join(rig.root, "own settings.toml") }],
    ] as const) {
      mkdirSync(text === undefined ? path : dirname(path), { recursive: true });
      if (text !== undefined) writeFileSync(path, text);
      const args = ["create", "x", "--python", newestPython().path, "--installer", "uv", "--with", "demo"];
      const { exitCode, stderr } = await rig.skerry(args, { env });
      expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(says) });
      expect(stderr).toContain(`error: Could not resolve demo: uv can't take its settings from ${path}\n`);
      expect(stderr).toContain("hint: put right what it says of that file, or choose the other installer with");
      expect(Math.max(...stderr.split("\n").map((line) => line.length))).toBeLessThan(300);
      rmSync(path, { recursive: true });
    }
  });
});

describe("a relative path in the settings of uv and pip", () => {
  const WHEELS = ["1.0", "2.0"].map((version) => buildWheel({ name: "demo", version }));
  const CONSTRAINED = { "sub/c.txt": "demo<2\n", "c.txt": "demo>=2\n" };

  test.each([
    ["uv", "UV_CONSTRAINT", "project"],
    ["uv", "UV_CONSTRAINT", "a b, c"],
    ["uv", "UV_OVERRIDE", "project"],
    ["uv", "PIP_CONSTRAINT", "a b, c"],
    ["pip", "PIP_CONSTRAINT", "project"],
    ["pip", "PIP_CONSTRAINT", "a b, c"],
    ["uv", "UV_CONFIG_FILE", "a b, c"],
    ["pip", "PIP_CONFIG_FILE", "project"],
  ])("counts from the caller's folder, as theirs do: %s, %s in %j", async (installer, name, folder) => {
    await using rig = await Rig.make();
    await using index = await startIndex({ distributions: WHEELS });
    const root = join(rig.root, folder);
    mkdirSync(join(root, "sub"), { recursive: true });
    for (const [path, text] of Object.entries(CONSTRAINED)) writeFileSync(join(root, path), text);
    writeFileSync(join(root, "sub/uv.toml"), "nonsense = 1\n");
    writeFileSync(join(root, "sub/pip.conf"), "[global]\nconstraint = c.txt\n");
    const file = { UV_CONFIG_FILE: "uv.toml", PIP_CONFIG_FILE: "pip.conf" }[name] ?? "c.txt";
    const env = { ...packagesFrom(index.url), [name]: file };
    const args = ["--python", newestPython().path, "--installer", installer, "--with", "demo", "--json"];
    const versionIn = async (cwd: string, environment: string, ...more: readonly string[]) => {
      const { exitCode, stdout } = await rig.skerry(["create", environment, ...more, ...args], { cwd, env });
      return exitCode === 0 ? (await rig.skerry(["packages", environment, "--json"], { env })).stdout : stdout;
    };
    const says = name === "UV_CONFIG_FILE" ? `can't take its settings from ${root}/sub/uv.toml` : '"version":"1.0"';
    expect(await versionIn(join(root, "sub"), "inside")).toContain(says);
    expect(await versionIn(root, "led", "--directory", "sub")).toContain(says);
    if (!name.endsWith("FILE")) expect(await versionIn(root, "above")).toContain('"version":"2.0"');
  });
});
