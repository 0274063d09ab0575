import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { readPythonVersionFile } from "../../src/python/version-request.ts";
import { type Outcome, pythons, Rig } from "../rig/rig.ts";

describe("a .python-version file", () => {
  test("rules the folders below it, up to the root of the repository", async () => {
    await using rig = await Rig.make();
    rig.write(".python-version", "3.12.1\n");
    const inside = join(rig.cwd, "a/b");
    mkdirSync(inside, { recursive: true });
    expect(readPythonVersionFile(inside, rig.env)).toMatchObject({
      file: join(rig.cwd, ".python-version"),
      request: { version: [3, 12, 1] },
    });
    rig.write("a/.git/HEAD", "ref: refs/heads/main\n");
    expect(readPythonVersionFile(inside, rig.env)).toBeUndefined();
  });

  test.each([
    ["# ours\n\n3.11  # the old one\n3.9\n", "3.11"],
    ["\ufeff3.11\r\n", "3.11"],
    ["???\n3.10\n", "3.10"],
    ["pypy3.10\n", "pypy3.10"],
    ["3.11 3.12\n", "3.11"],
    [">=3.10, <3.13\n", ">=3.10, <3.13"],
    ["3.11.7/envs/shop\n", "3.11.7"],
    ["./ev/python\n3.12\n", "3.12"],
    ["logger\n3.12\n", "3.12"],
    ["../../x/envs/y 3.10\n", "3.10"],
  ])("counts by its first usable line: %p", async (text, wanted) => {
    await using rig = await Rig.make();
    rig.write(".python-version", text);
    expect(readPythonVersionFile(rig.cwd, rig.env)?.request?.text).toBe(wanted);
  });

  test("may leave the choice to the system", async () => {
    await using rig = await Rig.make();
    const file = rig.write(".python-version", "system\n");
    expect(readPythonVersionFile(rig.cwd, rig.env)).toEqual({ file, request: undefined });
  });

  test("with nothing but comments is passed over; one that can't be understood is an error that names it", async () => {
    await using rig = await Rig.make();
    rig.write(".python-version", "3.9\n");
    const inner = rig.write("inner/.python-version", "# nothing\n");
    expect(readPythonVersionFile(join(rig.cwd, "inner"), rig.env)?.request?.text).toBe("3.9");
    rig.write("inner/.python-version", "3.x\n");
    expect(() => readPythonVersionFile(join(rig.cwd, "inner"), rig.env)).toThrow(inner);
  });

  test("names a version of the user's own pyenv, a virtual environment among them", async () => {
    await using rig = await Rig.make();
    const path = rig.write("pyenv/versions/shop/bin/python", "");
    rig.write(".python-version", "shop\n");
    const env = { ...rig.env, PYENV_ROOT: join(rig.cwd, "pyenv") };
    expect(readPythonVersionFile(rig.cwd, env)?.request).toEqual({ kind: "path", text: "shop", path });
  });

  test.each(["./ev/python", "ev/python", ".", "..", "/bin/sh", "~/x", "logger", "python", "3.11.7/../../ev", "-c"])(
    "says no Python by %p",
    async (text) => {
      await using rig = await Rig.make();
      const file = rig.write(".python-version", `${text}\n`);
      expect(() => readPythonVersionFile(rig.cwd, rig.env)).toThrow(`${file}: ${JSON.stringify(text)}`);
    },
  );

  test("is left out with SKERRY_NO_CONFIG, like all files of a project", async () => {
    await using rig = await Rig.make();
    rig.write(".python-version", "3.9\n");
    expect(readPythonVersionFile(rig.cwd, { ...rig.env, SKERRY_NO_CONFIG: "1" })).toBeUndefined();
  });
});

/** A Python that leaves a mark when it is started. */
function trap(rig: Rig, path: string): string {
  return rig.write(path, `#!/bin/sh\necho "$0 $*" >>${rig.root}/sprung\nexec ${pythons()[0]} "$@"\n`, 0o755);
}

const sprung = (rig: Rig) => existsSync(join(rig.root, "sprung"));

/** Verbs that look for a Python when none is asked for. */
const LOOKING = [
  ["create", "x"],
  ["run", "--", "python", "-c", "1"],
  ["doctor"],
  ["python", "list"],
  ["python", "find"],
];

async function lookAround(rig: Rig, options: { readonly env?: Record<string, string>; readonly cwd?: string } = {}) {
  const all: Outcome[] = [];
  for (const args of LOOKING) all.push(await rig.skerry(args, options));
  return all;
}

describe("no verb starts", () => {
  test.each([
    ["what a .python-version names", { ".python-version": "./ev/python\n" }],
    ["what it names behind another word", { ".python-version": "logger ./ev/python\n" }],
    ["a program of PATH by a bare word", { ".python-version": "logger\n" }],
  ])("%s", async (_, files) => {
    await using rig = await Rig.make();
    trap(rig, "ev/python");
    trap(rig, "bin/logger");
    for (const [path, text] of Object.entries(files)) rig.write(path, text);
    const [create] = await lookAround(rig, { env: { PATH: `${rig.cwd}/bin:${rig.env.PATH}` } });
    expect(create).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`${rig.cwd}/.python-version: `) });
    expect(sprung(rig)).toBe(false);
  });

  test.skipIf(process.geteuid?.() !== 0)("what another user's .python-version names in a folder above", async () => {
    await using rig = await Rig.make();
    const mine = join(rig.cwd, "shared/w");
    mkdirSync(mine, { recursive: true });
    trap(rig, "shared/ev/python");
    chownSync(rig.write("shared/.python-version", "./ev/python\n"), 54_321, 54_321);
    chownSync(join(rig.cwd, "shared"), 54_321, 54_321);
    for (const mode of [0o755, 0o777, 0o1777]) {
      chmodSync(join(rig.cwd, "shared"), mode);
      for (const { exitCode } of await lookAround(rig, { cwd: mine })) expect([0, 2]).toContain(exitCode);
      await rig.skerry(["rm", "x", "--yes"]);
    }
    expect(sprung(rig)).toBe(false);
  });

  test("a program of the working folder, whatever PATH says", async () => {
    await using rig = await Rig.make();
    for (const name of ["python", "python3", "python3.12", "uv", "git", "pixi", "pip", "docker-compose"]) {
      trap(rig, `here/${name}`);
      trap(rig, `here/bin/${name}`);
    }
    symlinkSync("here", join(rig.cwd, "link"));
    const cwd = join(rig.cwd, "here");
    await rig.run(["git", "init", "-q", "."], { cwd });
    for (const path of [".", "", "bin", "./bin", "../link"]) {
      const env = { PATH: `${path}:${rig.env.PATH}:${path}` };
      const [create] = await lookAround(rig, { env, cwd });
      expect(create?.stderr).not.toContain("error");
      await rig.skerry(["worktree", "init"], { env, cwd });
      await rig.skerry(["worktree", "status"], { env, cwd });
      await rig.skerry(["rm", "x", "--yes"], { env, cwd });
      expect({ path, sprung: sprung(rig) }).toEqual({ path, sprung: false });
    }
  });

  test("but the user's own command is found as execvp finds it", async () => {
    await using rig = await Rig.make();
    rig.write("greet", "#!/bin/sh\necho hello\n", 0o755);
    const env = { PATH: `:${rig.env.PATH}` };
    expect(await rig.skerry(["run", "--", "greet"], { env })).toMatchObject({ exitCode: 0, stdout: "hello\n" });
  });
});
