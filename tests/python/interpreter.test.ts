import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { SkerryError } from "../../src/core/error.ts";
import { operation } from "../../src/core/operation.ts";
import { baseInterpreterFacts, interpreterFacts } from "../../src/python/interpreter.ts";
import { probeInterpreter } from "../../src/python/probe.ts";
import { pyenvRoot } from "../rig/clean-environment.ts";
import { Rig } from "../rig/rig.ts";
import { everyPython, MemoryCache, newest, pythonCode } from "./facts.ts";

const op = operation();

async function failure(promise: Promise<unknown>): Promise<SkerryError> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof SkerryError)) throw new Error(`expected a SkerryError, got ${error}`);
  return error;
}

describe.each(everyPython.map((facts) => [facts.path, facts] as const))("the facts of %s", (path, facts) => {
  test("are what the interpreter says of itself", async () => {
    await using rig = await Rig.make();
    const { stdout } = await rig.run([
      path,
      "-I",
      "-c",
      pythonCode(`{
        "implementation": sys.implementation.name,
        "versionInfo": list(sys.version_info[:3]),
        "platform": sysconfig.get_platform(),
        "basePrefix": sys.base_prefix,
        "stdlib": os.path.dirname(os.__file__),
        "soabi": sysconfig.get_config_var("EXT_SUFFIX").split(".")[1],
        "hasPip": __import__("importlib.util").util.find_spec("pip") is not None,
        "isVenv": False,
      }`),
    ]);
    expect(facts).toMatchObject(JSON.parse(stdout));
    expect(facts.version).toStartWith(facts.versionInfo.join("."));
    expect(facts.soabi).toStartWith(facts.implementation === "pypy" ? facts.abi : facts.abi.replace(/t$/, ""));
    expect(existsSync(facts.baseExecutable)).toBe(true);
    if (process.platform === "linux") expect(facts.libc).toMatch(/^(glibc \d|musl)/);
  });

  test("of a virtual environment made from it lead to it", async () => {
    await using rig = await Rig.make();
    const venv = join(rig.cwd, "venv");
    await rig.run([path, "-m", "venv", "--without-pip", venv]);
    const cache = new MemoryCache();
    const inside = await interpreterFacts(join(venv, "bin/python"), cache, op);
    expect(inside).toMatchObject({ isVenv: true, prefix: venv, hasPip: false, externallyManaged: false });
    for (const same of ["abi", "basePrefix", "stdlib", "sitePackages", "realPath"] as const) {
      expect(inside[same], same).toBe(facts[same]);
    }
    const base = await baseInterpreterFacts(inside, cache, op);
    expect(base).toMatchObject({ isVenv: false, realPath: facts.realPath, prefix: facts.basePrefix });
  });
});

test("a link from elsewhere leads to an interpreter that finds its standard library", async () => {
  await using rig = await Rig.make();
  const link = join(rig.cwd, "python-of-mine");
  symlinkSync(newest.path, link);
  const facts = await probeInterpreter(link, op);
  expect(facts.path).toBe(link);
  expect(facts.baseExecutable).toBe(newest.baseExecutable);
});

describe("an interpreter that is too old", () => {
  const root = pyenvRoot();
  const versions = root === undefined ? [] : readdirSync(join(root, "versions"));
  const old = versions.filter((name) => /^(2\.|3\.[0-7]\.)/.test(name));
  test.each(old)("says so: %s", async (version) => {
    const error = await failure(probeInterpreter(join(root!, "versions", version, "bin/python"), op));
    expect(error.code).toBe("SKE-PYTHON-UNSUPPORTED");
    expect(error.message).toContain(`it is Python ${version}`);
    expect(error.hint).toContain("3.8");
  });

  test("says so for any version below 3.8", async () => {
    await using rig = await Rig.make();
    const answer = '{"versionInfo": [3, 5, 2], "releaseLevel": "final", "serial": 0, "implementation": "cpython"}';
    const fake = rig.write("python3.5", `#!/bin/sh\nprintf '\\nskerry-facts:%s\\n' '${answer}'\n`, 0o755);
    expect((await failure(probeInterpreter(fake, op))).message).toContain("it is Python 3.5.2");
  });
});

describe("an interpreter that doesn't work", () => {
  test("is told when it hangs", async () => {
    await using rig = await Rig.make();
    const hung = rig.write("python3", "#!/bin/sh\nexec sleep 300\n", 0o755);
    const error = await failure(probeInterpreter(hung, op, { timeoutMs: 300 }));
    expect(error.code).toBe("SKE-PYTHON-BROKEN");
    expect(error.message).toContain("didn't answer within 0.3 s");
  });

  test.each([
    ["prints something else", "#!/bin/sh\necho 'ready to serve'\n", "ready to serve"],
    ["fails", "#!/bin/sh\necho 'libpython.so: not found' >&2; exit 127\n", "status 127"],
    ["dies", "#!/bin/sh\nkill -SEGV $$\n", "SIGSEGV"],
    ["answers with half a line", "#!/bin/sh\nprintf '\\nskerry-facts:{\"ver'\n", "can't be read"],
    ["has no interpreter itself", "#!/no/such/file\n", "didn't start"],
  ])("is told when it %s", async (_, script, words) => {
    await using rig = await Rig.make();
    const error = await failure(probeInterpreter(rig.write("python3", script, 0o755), op));
    expect(error.code).toBe("SKE-PYTHON-BROKEN");
    expect(error.message).toContain(words);
  });

  test("is told when it is no file, or not there", async () => {
    await using rig = await Rig.make();
    expect((await failure(probeInterpreter(rig.cwd, op))).code).toBe("SKE-PYTHON-BROKEN");
    expect((await failure(probeInterpreter(join(rig.cwd, "nothing"), op))).code).toBe("SKE-PYTHON-NOT-FOUND");
    symlinkSync("loop", join(rig.cwd, "loop"));
    expect((await failure(probeInterpreter(join(rig.cwd, "loop"), op))).message).toContain("circle");
  });
});

test("noise before the answer does no harm", async () => {
  await using rig = await Rig.make();
  const noisy = rig.write("python3", `#!/bin/sh\necho welcome; echo warning >&2\nexec '${newest.path}' "$@"\n`, 0o755);
  expect((await probeInterpreter(noisy, op)).version).toBe(newest.version);
});

test("the caller's variables and working folder don't reach the answer", async () => {
  await using rig = await Rig.make();
  rig.write("hostile/json.py", "raise SystemExit('stolen')");
  const before = { ...process.env };
  try {
    Object.assign(process.env, { PYTHONPATH: join(rig.cwd, "hostile"), PYTHONHOME: rig.cwd });
    expect((await probeInterpreter(newest.path, op)).stdlib).toBe(newest.stdlib);
  } finally {
    for (const name of ["PYTHONPATH", "PYTHONHOME"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
});

test("facts are asked for once, and again when the file changes", async () => {
  await using rig = await Rig.make();
  const file = rig.write("python3", `#!/bin/sh\nexec '${newest.path}' "$@"\n`, 0o755);
  const cache = new MemoryCache();
  await interpreterFacts(file, cache, op);
  await interpreterFacts(file, cache, op);
  expect(cache.asked).toEqual([file]);
  utimesSync(file, 1, 1_000_000);
  await interpreterFacts(file, cache, op);
  expect(cache.asked).toEqual([file, file]);
});
