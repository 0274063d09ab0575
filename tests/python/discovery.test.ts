import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { SkerryError } from "../../src/core/error.ts";
import { operation } from "../../src/core/operation.ts";
import { discoverInterpreters, findInterpreter } from "../../src/python/discovery.ts";
import { parsePythonRequest } from "../../src/python/request.ts";
import { Rig } from "../rig/rig.ts";
import { everyPython, MemoryCache, newest } from "./facts.ts";

/** A machine whose PATH is `folders` of the rig, and whose home is empty. The system's own folders are always looked into. */
function machine(rig: Rig, folders: readonly string[] = ["bin"], more: Record<string, string> = {}) {
  const env = { PATH: folders.map((folder) => join(rig.cwd, folder)).join(":"), HOME: rig.user, ...more };
  return { env, cache: new MemoryCache(), op: operation(), cwd: rig.cwd };
}

/** An interpreter that tells another version than its own; only choosing and describing it works. */
function fake(rig: Rig, path: string, version: string): string {
  const [major, minor, micro] = version.split(".").map((part) => Number.parseInt(part, 10));
  const level = /rc(\d+)$/.exec(version);
  const answer = JSON.stringify({
    versionInfo: [major, minor, micro],
    releaseLevel: level ? "candidate" : "final",
    serial: Number(level?.[1] ?? 0),
    implementation: "cpython",
    freeThreaded: false,
    isVenv: false,
    libc: "glibc 2.36",
  });
  return rig.write(path, `#!/bin/sh\nprintf '\\nskerry-facts:%s\\n' '${answer}'\n`, 0o755);
}

describe("discovery", () => {
  test("finds every interpreter of the machine, each real file once", async () => {
    const context = { env: process.env, cache: new MemoryCache(), op: operation() };
    const { found } = await discoverInterpreters(context);
    const files = found.map((facts) => facts.realPath);
    expect(new Set(files).size).toBe(files.length);
    expect(files).toEqual(expect.arrayContaining(everyPython.map((facts) => facts.realPath)));
    expect(found.every((facts) => !facts.path.includes("/shims/") && !facts.isVenv)).toBe(true);
  });

  test.each([
    ["an empty file", ""],
    ["a program of another platform", "MZ\x90\0"],
    ["a broken program of this one", "\x7fELF\x02\x01\x01"],
    ["a script of an interpreter that isn't there", "#!/nowhere/python\n"],
    ["a folder of its own", undefined],
  ])("passes over what the kernel can't start: %s", async (_, content) => {
    await using rig = await Rig.make();
    const path = join(rig.cwd, "bin/python3");
    if (content === undefined) mkdirSync(path, { recursive: true });
    else rig.write("bin/python3", content, 0o755);
    const context = machine(rig);
    expect((await findInterpreter(undefined, context)).path).not.toBe(path);
    const { rejected } = await discoverInterpreters(context);
    const reasons = rejected.filter((one) => one.path === path).map(({ reason }) => reason);
    expect(reasons).toEqual(
      content === undefined ? [] : [expect.stringMatching(/^Asked .*\/bin\/python3 .*it didn't start|^Can't use/)],
    );
    const asked = await findInterpreter(parsePythonRequest(path, rig.cwd), context).catch((error: unknown) => error);
    expect(asked).toMatchObject({ code: content === undefined ? "SKE-PYTHON-NOT-FOUND" : "SKE-PYTHON-BROKEN" });
  });

  test("looks into the folders of pyenv, uv, asdf, mise and conda", async () => {
    await using rig = await Rig.make();
    const paths = [
      "pyenv/versions/3.8.30/bin/python",
      "uv/cpython-3.9.30-linux-x86_64-gnu/bin/python",
      "asdf/installs/python/3.10.30/bin/python",
      "mise/installs/python/3.11.30/bin/python",
    ].map((path) => fake(rig, path, /3\.\d+\.30/.exec(path)![0]));
    const context = machine(rig, [], {
      PYENV_ROOT: join(rig.cwd, "pyenv"),
      UV_PYTHON_INSTALL_DIR: join(rig.cwd, "uv"),
      ASDF_DATA_DIR: join(rig.cwd, "asdf"),
      MISE_DATA_DIR: join(rig.cwd, "mise"),
    });
    const { found } = await discoverInterpreters(context);
    expect(found.map((facts) => facts.path)).toEqual(expect.arrayContaining(paths));
  });

  test("collects what can't be used with the reason, and goes on", async () => {
    await using rig = await Rig.make();
    fake(rig, "bin/python3.5", "3.5.2");
    rig.write("bin/python3", "#!/bin/sh\necho no; exit 1\n", 0o755);
    symlinkSync("/no/such/python", join(rig.cwd, "bin/python3.9"));
    const { found, rejected } = await discoverInterpreters(machine(rig));
    expect(rejected).toEqual(
      expect.arrayContaining([
        { path: join(rig.cwd, "bin/python3.5"), reason: expect.stringContaining("it is Python 3.5.2") },
        { path: join(rig.cwd, "bin/python3"), reason: expect.stringContaining("gave no answer") },
      ]),
    );
    expect([...found, ...rejected].map((one) => one.path)).not.toContain(join(rig.cwd, "bin/python3.9"));
  });

  test("takes a virtual environment on PATH for the interpreter below it", async () => {
    await using rig = await Rig.make();
    await rig.run([newest.path, "-m", "venv", "--without-pip", join(rig.cwd, "venv")]);
    const { found } = await discoverInterpreters(machine(rig, ["venv/bin"]));
    expect(found.some((facts) => facts.isVenv)).toBe(false);
    expect(found.map((facts) => facts.realPath)).toContain(newest.realPath);
  });
});

describe("without a request", () => {
  test("the folder's .python-version is followed", async () => {
    await using rig = await Rig.make();
    fake(rig, "bin/python3", "3.12.30");
    fake(rig, "bin/python3.10", "3.10.30");
    rig.write(".python-version", "3.10.30\n");
    expect((await findInterpreter(undefined, machine(rig))).version).toBe("3.10.30");
  });

  test("the first python3 of PATH is taken, newer ones or not", async () => {
    await using rig = await Rig.make();
    fake(rig, "first/python3", "3.9.30");
    fake(rig, "second/python3", "3.13.30");
    const context = machine(rig, ["first", "second"]);
    expect((await findInterpreter(undefined, context)).version).toBe("3.9.30");
    expect(context.cache.asked).toHaveLength(1);
  });

  test("the first one that works is taken", async () => {
    await using rig = await Rig.make();
    rig.write("bin/python3", "#!/bin/sh\nexit 1\n", 0o755);
    fake(rig, "bin/python3.70", "3.70.0");
    expect((await findInterpreter(undefined, machine(rig))).version).toBe("3.70.0");
  });

  test("pyenv's shims stand for the version that pyenv has chosen", async () => {
    await using rig = await Rig.make();
    rig.write("pyenv/shims/python3", '#!/bin/sh\nexec pyenv exec python3 "$@"\n', 0o755);
    for (const version of ["3.9.30", "3.12.30"]) fake(rig, `pyenv/versions/${version}/bin/python`, version);
    rig.write("pyenv/version", "3.9.30\n");
    const context = machine(rig, ["pyenv/shims"], { PYENV_ROOT: join(rig.cwd, "pyenv") });
    expect((await findInterpreter(undefined, context)).version).toBe("3.9.30");
    const chosen = { ...context, env: { ...context.env, PYENV_VERSION: "3.12.30" } };
    expect((await findInterpreter(undefined, chosen)).version).toBe("3.12.30");
  });
});

describe("a request", () => {
  test("is answered by running the one interpreter whose folder's name fits", async () => {
    await using rig = await Rig.make();
    for (const version of ["3.70.1", "3.70.12", "3.71.0"]) fake(rig, `pyenv/versions/${version}/bin/python`, version);
    const context = machine(rig, [], { PYENV_ROOT: join(rig.cwd, "pyenv") });
    expect((await findInterpreter(parsePythonRequest("3.70"), context)).version).toBe("3.70.12");
    expect(context.cache.asked).toHaveLength(1);
  });

  test("keeps the default interpreter where it fits, and else takes the newest", async () => {
    await using rig = await Rig.make();
    fake(rig, "bin/python3", "3.70.0");
    fake(rig, "bin/python3.71", "3.71.0");
    fake(rig, "bin/python3.72", "3.72.0");
    const find = async (text: string) => (await findInterpreter(parsePythonRequest(text), machine(rig))).version;
    expect(await find("3")).toBe("3.70.0");
    expect(await find(">=3.70")).toBe("3.70.0");
    expect(await find(">3.70,<3.73")).toBe("3.72.0");
    expect(await find("3.71")).toBe("3.71.0");
  });

  test("prefers a finished release, and takes a pre-release only when there is nothing else", async () => {
    await using rig = await Rig.make();
    fake(rig, "bin/python3.70", "3.70.0rc1");
    const find = async (text: string) => (await findInterpreter(parsePythonRequest(text), machine(rig))).version;
    expect(await find("3.70")).toBe("3.70.0rc1");
    fake(rig, "pyenv/versions/3.70.0/bin/python", "3.70.0");
    const context = machine(rig, ["bin"], { PYENV_ROOT: join(rig.cwd, "pyenv") });
    expect((await findInterpreter(parsePythonRequest("3.70"), context)).version).toBe("3.70.0");
  });

  test("by path takes an interpreter, a prefix or a virtual environment", async () => {
    await using rig = await Rig.make();
    const venv = join(rig.cwd, "venv");
    await rig.run([newest.path, "-m", "venv", "--without-pip", venv]);
    const folder = dirname(dirname(newest.path));
    for (const path of [newest.path, venv, join(venv, "bin/python")]) {
      const facts = await findInterpreter(parsePythonRequest(path), machine(rig));
      expect(facts, path).toMatchObject({ realPath: newest.realPath, isVenv: false });
    }
    expect((await findInterpreter(parsePythonRequest(folder), machine(rig))).prefix).toBe(newest.prefix);
  });

  test("by name takes a version of pyenv or a command", async () => {
    await using rig = await Rig.make();
    fake(rig, "pyenv/versions/3.70-dev/bin/python", "3.70.0rc1");
    fake(rig, "bin/mypython", "3.71.0");
    const context = machine(rig, ["bin"], { PYENV_ROOT: join(rig.cwd, "pyenv") });
    expect((await findInterpreter(parsePythonRequest("3.70-dev"), context)).version).toBe("3.70.0rc1");
    expect((await findInterpreter(parsePythonRequest("mypython"), context)).version).toBe("3.71.0");
  });

  test("that nothing fits says what there is, what is near, and how to get it", async () => {
    await using rig = await Rig.make();
    fake(rig, "bin/python3.71", "3.71.0");
    fake(rig, "bin/python3.5", "3.5.2");
    mkdirSync(join(rig.user, ".pyenv"));
    rig.write(".python-version", "3.72\n");
    const error: unknown = await findInterpreter(undefined, machine(rig)).catch((error: unknown) => error);
    if (!(error instanceof SkerryError)) throw error;
    expect(error.code).toBe("SKE-PYTHON-NOT-FOUND");
    expect(error.message).toContain('No Python here fits "3.72"');
    expect(error.message).toContain(join(rig.cwd, ".python-version"));
    expect(error.message).toContain(`cpython 3.71.0 (${join(rig.cwd, "bin/python3.71")})`);
    expect(error.message).toContain("it is Python 3.5.2");
    expect(error.hint).toContain("pyenv install 3.72, uv python install 3.72");
    expect(error.hint).toContain("3.71.0, the nearest here");
  });
});

test("a stopped search ends with that, and rejects nothing", async () => {
  await using rig = await Rig.make();
  fake(rig, "bin/python3", "3.70.0");
  const op = operation({ signal: AbortSignal.abort() });
  const search = discoverInterpreters({ ...machine(rig), op });
  await expect(search).rejects.toThrow(expect.objectContaining({ code: "SKE-INTERRUPTED" }));
});
