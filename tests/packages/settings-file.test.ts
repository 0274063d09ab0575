import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
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
