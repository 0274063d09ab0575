import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Rig, SKERRY } from "../rig/rig.ts";
import { read } from "./sources.ts";

const { version } = JSON.parse(read("package.json")) as { version: string };

describe("the executable", () => {
  test("runs nothing of the folder it is started in, and takes no variables from it", async () => {
    await using rig = await Rig.make();
    rig.write("bunfig.toml", 'preload = ["./evil.ts"]\n[run]\npreload = ["./evil.ts"]\n');
    rig.write("evil.ts", 'import { writeFileSync } from "node:fs"; writeFileSync("ran", ""); process.exit(66);');
    rig.write(".env", "NODE_OPTIONS=--require=./evil.ts\nSKERRY_HOME=./stolen\n");
    rig.write("package.json", '{ "name": "hostile", "version": "6.6.6", "type": "commonjs" }');
    rig.write("tsconfig.json", '{ "compilerOptions": { "paths": { "*": ["./evil.ts"] } } }');
    expect(await rig.skerry(["--version"])).toEqual({ exitCode: 0, stdout: `skerry ${version}\n`, stderr: "" });
    expect((await rig.skerry(["ls", "--json"])).exitCode).toBe(0);
    expect(existsSync(join(rig.cwd, "ran"))).toBe(false);
    expect(existsSync(join(rig.cwd, "stolen"))).toBe(false);
  });

  test("carries all it needs: it works when moved away from its checkout", async () => {
    await using rig = await Rig.make();
    await rig.run(["cp", SKERRY, join(rig.tmp, "moved")]);
    const outcome = await rig.run([join(rig.tmp, "moved"), "ls", "--json"]);
    expect(outcome).toMatchObject({ exitCode: 0, stderr: "" });
  });
});
