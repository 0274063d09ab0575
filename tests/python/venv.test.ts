import { describe, expect, test } from "bun:test";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { operation } from "../../src/core/operation.ts";
import type { InterpreterFacts } from "../../src/python/interpreter.ts";
import { probeInterpreter } from "../../src/python/probe.ts";
import { readVenvConfig, writeVenv } from "../../src/python/venv.ts";
import { Rig } from "../rig/rig.ts";
import { everyPython, newest, pythonCode } from "./facts.ts";

function write(prefix: string, facts: InterpreterFacts = newest, systemSitePackages = false): string {
  writeVenv({ prefix, facts, systemSitePackages, prompt: "name", version: "1.2.3" });
  return prefix;
}

/** What a Python knows of where it is. */
const WHERE = pythonCode(`{
  "prefix": sys.prefix, "exec": sys.exec_prefix, "base": sys.base_prefix, "path": sys.path[1:],
  "paths": sysconfig.get_paths(), "site": site.getsitepackages(), "user": site.ENABLE_USER_SITE,
}`);

describe.each(everyPython.map((facts) => [facts.path, facts] as const))(
  "a virtual environment of %s",
  (path, facts) => {
    test("is like the one that its own venv module makes", async () => {
      await using rig = await Rig.make();
      for (const system of [false, true]) {
        const [reference, own] = [join(rig.cwd, `reference-${system}`), join(rig.cwd, `own-${system}`)];
        await rig.run([path, "-m", "venv", "--without-pip", ...(system ? ["--system-site-packages"] : []), reference]);
        write(own, facts, system);
        const [expected, actual] = await Promise.all(
          [reference, own].map((prefix) => rig.run([join(prefix, "bin/python"), "-c", WHERE])),
        );
        expect(actual?.stderr).toBe("");
        expect(actual?.stdout.replaceAll(own, reference)).toBe(expected!.stdout);
      }
    });

    test.skipIf(!facts.hasPip)(
      "is one that its interpreter's pip can work on",
      async () => {
        await using rig = await Rig.make();
        const own = write(join(rig.cwd, "own"), facts);
        const argv = [path, "-m", "pip", "--python", join(own, "bin/python"), "list", "--verbose"] as const;
        const { exitCode, stdout, stderr } = await rig.run(argv);
        expect(exitCode, stderr).toBe(0);
        // Nothing of the base is seen, not even pip itself.
        expect(stdout).not.toMatch(/^(pip|setuptools)\b/m);
      },
      60_000,
    );

    test("has an interpreter by all its usual names", async () => {
      await using rig = await Rig.make();
      const own = write(join(rig.cwd, "own"), facts);
      const [major, minor] = facts.versionInfo;
      const names = ["python", `python${major}`, `python${major}.${minor}`];
      if (facts.implementation === "pypy") names.push("pypy", "pypy3");
      for (const name of names) {
        const { stdout } = await rig.run([join(own, "bin", name), "-c", "import sys; print(sys.prefix)"]);
        expect(stdout, name).toBe(`${own}\n`);
      }
      expect(readlinkSync(join(own, "bin/python"))).toBe(facts.baseExecutable);
    });
  },
);

describe("a virtual environment", () => {
  test("gets a pip of its own from ensurepip", async () => {
    await using rig = await Rig.make();
    const own = write(join(rig.cwd, "own"));
    const python = join(own, "bin/python");
    expect((await rig.run([python, "-m", "ensurepip"])).exitCode).toBe(0);
    const { stdout } = await rig.run([join(own, "bin/pip3"), "--version"]);
    expect(stdout).toContain(join(own, newest.sitePackages));
  }, 60_000);

  test.each([
    ["with spaces and quotes", `a "b" 'c' $HOME \`id\` \\d`],
    ["in other scripts", "środowisko 環境 🐍"],
    ["longer than 200 characters", "x".repeat(220)],
  ])("works in a folder %s", async (_, name) => {
    await using rig = await Rig.make();
    const own = write(join(rig.cwd, name));
    const { stdout, stderr } = await rig.run([join(own, "bin/python"), "-c", pythonCode("[sys.prefix, sys.path[-1]]")]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([own, join(own, newest.sitePackages)]);
  });

  test("is ignored by git and by backups, and says who made it of what", async () => {
    await using rig = await Rig.make();
    const own = write(join(rig.cwd, "own"));
    expect(readFileSync(join(own, ".gitignore"), "utf8")).toBe("*\n");
    expect(readFileSync(join(own, "CACHEDIR.TAG"), "utf8")).toStartWith("Signature: 8a477f597d28d172789f06886806bc55");
    expect(readVenvConfig(own)).toMatchObject({
      home: join(newest.baseExecutable, ".."),
      systemSitePackages: false,
      version: newest.versionInfo.join("."),
      prompt: "name",
      values: { skerry: "1.2.3", "base-executable": newest.baseExecutable, "base-prefix": newest.basePrefix },
    });
    const wants64 = newest.pointerBits === 64 && process.platform !== "darwin";
    expect(existsSync(join(own, "lib64"))).toBe(wants64);
  });

  test("can be written over one that is there, whatever it was made of", async () => {
    await using rig = await Rig.make();
    const own = write(join(rig.cwd, "own"), everyPython[0]!);
    mkdirSync(join(own, "work"));
    write(own, newest);
    const { stdout } = await rig.run([join(own, "bin/python"), "-c", pythonCode("list(sys.version_info[:3])")]);
    expect(JSON.parse(stdout)).toEqual([...newest.versionInfo]);
    expect(readdirSync(own)).toContain("work");
  });

  test("made from another virtual environment's Python stands on the one below it", async () => {
    await using rig = await Rig.make();
    const outer = write(join(rig.cwd, "outer"));
    const inner = write(join(rig.cwd, "inner"), await probeInterpreter(join(outer, "bin/python"), operation()));
    const { stdout } = await rig.run([join(inner, "bin/python"), "-c", pythonCode("[sys.prefix, sys.base_prefix]")]);
    expect(JSON.parse(stdout)).toEqual([inner, newest.basePrefix]);
    expect(readlinkSync(join(inner, "bin/python"))).toBe(newest.baseExecutable);
  });

  test.each(["relative/path", "/tmp/a:b", "/tmp/a\nb"])("is refused at %p", (prefix) => {
    expect(() => write(prefix)).toThrow(expect.objectContaining({ code: "SKE-USAGE" }));
  });

  test("that can't be written says where", async () => {
    await using rig = await Rig.make();
    const file = rig.write("file", "");
    expect(() => write(join(file, "own"))).toThrow(expect.objectContaining({ code: "SKE-IO" }));
  });
});

describe("pyvenv.cfg", () => {
  test("is read whoever wrote it", async () => {
    await using rig = await Rig.make();
    rig.write(
      "uv/pyvenv.cfg",
      "home = /usr/bin\nimplementation=CPython\nversion_info = 3.11.2\nInclude-System-Site-Packages = TRUE\n",
    );
    expect(readVenvConfig(join(rig.cwd, "uv"))).toMatchObject({
      home: "/usr/bin",
      version: "3.11.2",
      systemSitePackages: true,
    });
    const reference = join(rig.cwd, "reference");
    await rig.run([newest.path, "-m", "venv", "--without-pip", "--prompt", "it's", reference]);
    expect(readVenvConfig(reference)).toMatchObject({ prompt: "it's", version: newest.versionInfo.join(".") });
  });

  test("that is missing or names no home is none", async () => {
    await using rig = await Rig.make();
    expect(readVenvConfig(rig.cwd)).toBeUndefined();
    rig.write("pyvenv.cfg", "version = 3.12\n");
    expect(readVenvConfig(rig.cwd)).toBeUndefined();
  });

  test("holds one line a key, whatever the prompt", async () => {
    await using rig = await Rig.make();
    const prefix = join(rig.cwd, "own");
    writeVenv({ prefix, facts: newest, systemSitePackages: false, prompt: "a\nhome = /evil", version: "1" });
    expect(readVenvConfig(prefix)?.home).toBe(join(newest.baseExecutable, ".."));
    expect(lstatSync(join(prefix, "bin/activate")).mode & 0o111).toBe(0);
  });
});
