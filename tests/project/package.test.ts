import { beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { npm, olderNode, supportedNode } from "../rig/node.ts";
import { newestPython, Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";
import { ROOT, read } from "./sources.ts";

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const manifest = JSON.parse(read("package.json")) as {
  exports: Record<string, string | Record<string, string>>;
};

describe("the npm package", () => {
  let paths: string[];
  beforeAll(() => {
    const [packed] = JSON.parse(npm(["pack", "--dry-run", "--json"], ROOT)) as Packed[];
    paths = packed?.files.map(({ path }) => path) ?? [];
  });

  test("holds the library and what tells about it, and nothing else", () => {
    const others = paths.filter((path) => !/^dist\/([a-z0-9-]+\/)*[a-z0-9-]+\.(js|cjs|d\.ts)$/.test(path));
    expect(others.toSorted()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
  });

  test("holds what its exports name", () => {
    const named = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === "string" ? entry : Object.values(entry),
    );
    expect(named.filter((path) => !paths.includes(path.replace(/^\.\//, "")))).toEqual([]);
  });
});

describe("the packed library, installed in a project of its own", () => {
  test("makes an environment, installs into it and runs in it, on Node.js", async () => {
    await using rig = await Rig.make();
    install(rig);
    const wheel = buildWheel({
      name: "greeting",
      version: "1.0",
      files: { "greeting.py": "print('hello from', __name__)" },
    });
    writeFileSync(join(rig.cwd, wheel.filename), wheel.bytes);
    rig.write(
      "main.mjs",
      `import { openSkerry } from "skerry";
       await using skerry = await openSkerry();
       await using env = await skerry.create({ engine: "virtualenv", python: process.argv[2], requirements: [process.argv[3]] });
       const { exitCode, stdout } = await env.run(["python", "-c", "import greeting"]);
       console.log(exitCode, stdout.trim());`,
    );
    const argv = [supportedNode(), "main.mjs", newestPython().path, `./${wheel.filename}`] as const;
    const outcome = await rig.run([...argv], { timeout: 150_000 });
    expect(outcome).toMatchObject({ exitCode: 0, stdout: "0 hello from greeting\n" });
    expect(readdirSync(join(rig.home, "envs"))).toEqual([]);
  });

  test("is the same by import and by require, and an older Node.js is told what it needs", async () => {
    await using rig = await Rig.make();
    install(rig);
    rig.write(
      "import.mjs",
      'import * as skerry from "skerry"; console.log(typeof skerry.openSkerry, Object.keys(skerry).length);',
    );
    rig.write(
      "require.cjs",
      'const skerry = require("skerry"); console.log(typeof skerry.openSkerry, Object.keys(skerry).length);',
    );
    rig.write(
      "names.mjs",
      `import * as skerry from "./node_modules/skerry/dist/index.js"; console.log("function", Object.keys(skerry).length);`,
    );
    const [all, ...files] = ["names.mjs", "import.mjs", "require.cjs"];
    const { stdout } = await rig.run([supportedNode(), all!]);
    for (const file of files) {
      expect(await rig.run([supportedNode(), file])).toMatchObject({ exitCode: 0, stdout });
      const { exitCode, stderr } = await rig.run([olderNode(), file]);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(
        /^Error: skerry needs Node\.js 24 or newer, or Bun, and this is Node\.js 2[0-3]\.[\d.]+$/m,
      );
    }
  });

  test("gives a TypeScript project its types, with no other package for them", async () => {
    await using rig = await Rig.make();
    install(rig);
    rig.write(
      "tsconfig.json",
      JSON.stringify({
        compilerOptions: {
          module: "nodenext",
          target: "esnext",
          strict: true,
          noEmit: true,
          types: [],
          skipLibCheck: false,
        },
      }),
    );
    rig.write(
      "main.ts",
      `import { openSkerry, SkerryError, type EngineFactory, type EnvironmentSpec } from "skerry";
       await using skerry = await openSkerry();
       await using env = await skerry.create({ requirements: ["requests"] });
       const stdout: string = (await env.run(["python", "-V"])).stdout;
       // @ts-expect-error: options have a closed set of names
       await skerry.create({ no_such_option: 1 });
       export const use: [EngineFactory?, EnvironmentSpec?, SkerryError?, string?] = [undefined, undefined, undefined, stdout];`,
    );
    const outcome = await rig.run([join(ROOT, "node_modules/.bin/tsc"), "-p", "."]);
    expect(outcome).toMatchObject({ exitCode: 0, stdout: "" });
  });
});

/** Packs the library and installs it, with its dependencies and other packages, into the rig's working folder. */
function install(rig: Rig, ...others: string[]): void {
  const tarballs = join(rig.tmp, "tarballs");
  mkdirSync(tarballs);
  const [packed] = JSON.parse(npm(["pack", "--json", "--pack-destination", tarballs], ROOT)) as Packed[];
  rig.write("package.json", JSON.stringify({ private: true, type: "module" }));
  npm(["install", "--no-save", "--prefer-offline", join(tarballs, packed?.filename ?? ""), ...others], rig.cwd);
}
