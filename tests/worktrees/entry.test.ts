import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newestPython, pythons } from "../rig/rig.ts";
import { Shop } from "./shop.ts";

const PYTHON = newestPython().path;

/** A shop with an environment whose p3.py enters it, and a worktree of it. */
async function entered(): Promise<{ shop: Shop; feature: string } & AsyncDisposable> {
  const shop = await Shop.make();
  await shop.json(shop.main, ["init", "--entry", "p3.py"]);
  shop.commit(shop.main);
  const feature = shop.add("feature");
  await shop.json(feature, ["init"]);
  return { shop, feature, [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose]() };
}

/** Pythons that can't have an environment, but may be first on PATH. */
function olderPythons(): string[] {
  const versions = join(process.env.HOME ?? "", ".pyenv/versions");
  if (!existsSync(versions)) return [];
  return readdirSync(versions)
    .filter((name) => /^(2\.7|3\.[67])\./.test(name))
    .map((name) => join(versions, name, "bin/python"));
}

describe("a script with an entry runs in its worktree's environment", () => {
  test("from every Python, with all that it was started with", async () => {
    await using at = await entered();
    const { shop, feature } = at;
    const all = [...pythons().map(({ path }) => path), ...olderPythons()];
    for (const python of all) {
      const { stdout, stderr } = await shop.run(shop.rig.tmp, [python, join(feature, "p3.py"), "a b", "", "--x=ü"]);
      expect({ python, stdout, stderr }).toEqual({
        python,
        stdout: `${feature}/src/shop 2.0 a b  --x=ü\n`,
        stderr: "",
      });
    }
    shop.write(feature, {
      "how.py": `if __name__ == "__main__": import _skerry_entry\nimport sys, warnings\nprint(sys.flags.optimize, sys.warnoptions, sys._xoptions, sys.argv, sys.stdin.read())\nsys.exit(7)\n`,
    });
    const argv = [PYTHON, "-u", "-OO", "-W", "error::UserWarning", "-X", "dev", "how.py", "-m", "x"] as const;
    const { exitCode, stdout } = await shop.rig.start([...argv], { cwd: feature, env: shop.env, input: "data" }).exit;
    expect(stdout).toBe("2 ['default', 'error::UserWarning'] {'dev': True} ['how.py', '-m', 'x'] data\n");
    expect(exitCode).toBe(7);
    const module = await shop.run(feature, [PYTHON, "-m", "p3", "x"]);
    expect(module.stdout).toBe(`${feature}/src/shop 2.0 x\n`);
  });

  test("whatever the shell says of other environments", async () => {
    await using at = await entered();
    const { shop, feature } = at;
    const env = { VIRTUAL_ENV: join(shop.main, ".venv"), PYTHONPATH: join(shop.main, "src"), PYTHONHOME: "" };
    const { stdout } = await shop.run(feature, [join(shop.main, ".venv/bin/python"), "p3.py"], env);
    expect(stdout).toBe(`${feature}/src/shop 2.0\n`);
  });

  test("and signals reach it, and its workers are of the same Python", async () => {
    await using at = await entered();
    const { shop, feature } = at;
    shop.write(feature, {
      "wait.py": `if __name__ == "__main__": import _skerry_entry\nimport signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\nprint("ready", flush=True)\ntime.sleep(60)\n`,
      "pool.py": `if __name__ == "__main__": import _skerry_entry\nimport multiprocessing, sys\ndef f(_): return sys.prefix\nif __name__ == "__main__":\n    with multiprocessing.get_context("spawn").Pool(2) as pool: print(set(pool.map(f, range(2))))\n`,
    });
    const program = shop.rig.start([PYTHON, "wait.py"], { cwd: feature, env: shop.env });
    await program.until(/ready/);
    program.kill("SIGTERM");
    expect((await program.exit).exitCode).toBe(9);
    expect((await shop.run(feature, [PYTHON, "pool.py"])).stdout).toBe(`{'${feature}/.venv'}\n`);
  });

  test("through a link that worktrees share it is the one that it was called by", async () => {
    await using at = await entered();
    const { shop, feature } = at;
    mkdirSync(join(shop.main, "scripts"));
    shop.write(shop.main, { "scripts/tool.py": "import sys, shop\nprint(sys.prefix, shop.PLACE)\n" });
    await shop.json(shop.main, ["init", "--entry", "scripts/tool.py"]);
    symlinkSync(join(shop.main, "scripts"), join(feature, "scripts"));
    const { stdout } = await shop.run(shop.rig.tmp, [PYTHON, join(feature, "scripts/tool.py")]);
    expect(stdout).toBe(`${feature}/.venv ${feature}/src/shop\n`);
  });

  test("also when one of another worktree starts it", async () => {
    await using at = await entered();
    const { shop, feature } = at;
    shop.write(shop.main, {
      "outer.py": `if __name__ == "__main__": import _skerry_entry\nimport os, sys\nos.execv(sys.executable, [sys.executable, ${JSON.stringify(join(feature, "p3.py"))}])\n`,
    });
    expect((await shop.run(shop.main, [PYTHON, "outer.py"])).stdout).toBe(`${feature}/src/shop 2.0\n`);
  });

  test("unless it is imported, or told not to, or the worktree has no environment", async () => {
    await using at = await entered();
    const { shop, feature } = at;
    shop.write(feature, {
      "plain.py": `if __name__ == "__main__": import _skerry_entry\nimport sys\nprint(sys.prefix)\n`,
    });
    const own = (await shop.run(feature, [PYTHON, "-c", "import sys; print(sys.prefix)"])).stdout;
    expect((await shop.run(feature, [PYTHON, "-c", "import plain"])).stdout).toBe(own);
    expect((await shop.run(feature, [PYTHON, "plain.py"], { SKERRY_BYPASS: "1" })).stdout).toBe(own);
    rmSync(join(feature, ".venv"), { recursive: true });
    expect((await shop.run(feature, [PYTHON, "plain.py"])).stdout).toBe(own);
  });

  test("and says so where starting another Python would lose the program or the debugger", async () => {
    await using at = await entered();
    const { shop, feature } = at;
    const script = readFileSync(join(feature, "p3.py"), "utf8");
    const piped = await shop.rig.start([PYTHON, "-"], { cwd: feature, env: shop.env, input: script }).exit;
    expect(piped.exitCode).toBe(1);
    expect(piped.stderr).toContain("the program is read from standard input");
    const debugged = await shop.rig.start([PYTHON, "-m", "pdb", "p3.py"], {
      cwd: feature,
      env: shop.env,
      input: "c\nq\n",
    }).exit;
    expect(debugged.stdout + debugged.stderr).toContain("a debugger or tracer is attached");
    // As coverage.py and debugpy do: they are imported, and not always is a tracing function set by then.
    for (const name of ["coverage", "pydevd"]) {
      const tool = join(shop.rig.tmp, name, name);
      shop.write(tool, {
        "__init__.py": "",
        "__main__.py": "import runpy, sys\nsys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0], run_name='__main__')\n",
      });
      const traced = await shop.run(feature, [PYTHON, "-m", name, "p3.py"], { PYTHONPATH: join(tool, "..") });
      expect(traced).toMatchObject({
        exitCode: 1,
        stdout: "",
        stderr: expect.stringContaining("a debugger or tracer is attached"),
      });
    }
  });
});

test("with -I and -P the part of the entry file that is imported stands in the script", async () => {
  await using at = await entered();
  const { shop, feature } = at;
  const [part] = readFileSync(join(feature, "_skerry_entry.py"), "utf8").split("# From here on");
  const rest = "import sys, shop\nprint(shop.PLACE, sys.flags.isolated, sys.argv[1:])\n";
  shop.write(feature, { "inline.py": `${part}\nenter()\n${rest}` });
  const { stdout } = await shop.run(feature, [PYTHON, "-I", "inline.py", "status"]);
  expect(stdout).toBe(`${feature}/src/shop 1 ['status']\n`);
});

describe("the line", () => {
  const LINE = 'if __name__ == "__main__": import _skerry_entry';

  test("comes first where Python allows it, once, and leaves the rest as it is", async () => {
    await using shop = await Shop.make();
    const cases: [string, string][] = [
      ["print(1)\n", "|print(1)\n"],
      [
        "#!/usr/bin/env python\n# -*- coding: latin-1 -*-\nprint(1)\n",
        "#!/usr/bin/env python\n# -*- coding: latin-1 -*-\n|print(1)\n",
      ],
      [
        '"""What\nit does."""\nfrom __future__ import annotations\nimport os\n',
        '"""What\nit does."""\nfrom __future__ import annotations\n|import os\n',
      ],
      ["import os\r\nprint(1)\r\n", "|import os\r\nprint(1)\r\n"],
      ["\ufeffprint(1)\n", "\ufeff|print(1)\n"],
      ["'only a docstring'", "'only a docstring'\n|"],
      ["", "|"],
    ];
    await shop.json(shop.main, ["init"]);
    for (const [before, after] of cases) {
      writeFileSync(join(shop.main, "script.py"), before, { mode: 0o755 });
      const end = before.includes("\r\n") ? "\r\n" : "\n";
      for (const changed of [true, false]) {
        const { entry } = await shop.json<{ entry: object }>(shop.main, ["init", "--entry", "script.py"]);
        expect(entry).toMatchObject({ changed });
        expect(readFileSync(join(shop.main, "script.py"), "utf8")).toBe(after.replace("|", LINE + end));
      }
      rmSync(join(shop.main, "_skerry_entry.py"));
    }
  });

  test("is refused to what is no script of the worktree, and nothing is made then", async () => {
    await using shop = await Shop.make();
    symlinkSync("p3.py", join(shop.main, "link.py"));
    writeFileSync(join(shop.rig.tmp, "out.py"), "");
    for (const script of ["nowhere.py", "src", "link.py", join(shop.rig.tmp, "out.py")]) {
      const { exitCode, stderr } = await shop.worktree(shop.main, ["init", "--entry", script]);
      expect({ script, exitCode, stderr }).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining("Could not let"),
      });
    }
    expect(existsSync(join(shop.main, ".venv"))).toBe(false);
  });
});

test("the entry file answers status and verify without Skerry", async () => {
  await using at = await entered();
  const { shop, feature } = at;
  rmSync(join(feature, "src/shop/__pycache__"), { recursive: true, force: true });
  const file = join(feature, "_skerry_entry.py");
  const { stdout } = await shop.run(feature, [PYTHON, file]);
  expect(stdout.replace(/\d+\.\d+\.\d+/, "V")).toBe(
    [
      "Worktree environment",
      "  Repository   shop",
      "  Worktree     feature (linked)",
      "  Python       V  .venv/bin/python",
      "  Isolated     yes",
      "  Packages     1 of 1 available: alpha",
      "",
    ].join("\n"),
  );
  expect((await shop.run(feature, [PYTHON, file, "verify"])).exitCode).toBe(0);
  const env = { VIRTUAL_ENV: join(shop.main, ".venv") };
  const leaking = await shop.run(feature, [PYTHON, file, "verify", "--json"], env);
  expect(leaking.exitCode).toBe(1);
  expect(JSON.parse(leaking.stdout).checks).toContainEqual(
    expect.objectContaining({ check: "VIRTUAL_ENV", ok: false }),
  );
  for (const old of olderPythons()) expect((await shop.run(feature, [old, file, "verify"])).exitCode).toBe(0);
  expect((await shop.run(feature, [PYTHON, file, "nonsense"])).exitCode).toBe(2);
});

test("the entry file reads what a project declares that isn't installed itself, or says that it can't", async () => {
  await using shop = await Shop.make();
  const groups = 'dev = ["gamma", { include-group = "more" }]\nmore = ["beta"]\nunused = ["nosuch"]\n';
  const project = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["Alpha>=1"]\n';
  shop.write(shop.main, { "pyproject.toml": `${project}[dependency-groups]\n${groups}` });
  await shop.json(shop.main, ["init", "--entry", "p3.py"]);
  const ask = (verb: string) => shop.run(shop.main, [PYTHON, join(shop.main, "_skerry_entry.py"), verb]);
  expect((await ask("status")).stdout).toContain("3 of 3 available: alpha, beta, gamma\n");
  expect((await ask("verify")).stdout).toContain("ok    import beta\n");
  shop.write(shop.main, { "requirements-docs.txt": "nosuch\n", "pyproject.toml": "[project\n" });
  expect((await ask("status")).stdout).toContain("Packages     not known without Skerry\n");
  const { exitCode, stdout } = await ask("verify");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("no package was imported: which are declared isn't known without Skerry\n");
});

test("the entry file waits for no pipe and prints nothing that steers a terminal, whatever an archive holds", async () => {
  await using shop = await Shop.make();
  await shop.json(shop.main, ["init", "--entry", "p3.py"]);
  const folder = join(shop.rig.cwd, "archive\u001b]0;x\u0007\u202e");
  mkdirSync(join(folder, ".git"), { recursive: true });
  cpSync(join(shop.main, "_skerry_entry.py"), join(folder, "_skerry_entry.py"));
  for (const name of ["commondir", "HEAD", "config"]) execFileSync("mkfifo", [join(folder, ".git", name)]);
  symlinkSync("/dev/zero", join(folder, "requirements.txt"));
  execFileSync("mkfifo", [join(folder, "pyproject.toml")]);
  symlinkSync(join(shop.main, ".venv"), join(folder, ".venv"));
  const { exitCode, stdout, stderr } = await shop.run(folder, [PYTHON, "_skerry_entry.py"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain("Repository   archive\\x1b]0;x\\x07\\u202e\n");
  expect(stdout).toContain("(unknown)\n");
  expect(stdout).toMatch(/^[ -~\n]*$/);
  const importing = { cwd: folder, env: shop.env, input: "import _skerry_entry\n" };
  const displaced = await shop.rig.start([PYTHON, "-"], importing).exit;
  expect(displaced.stderr).toMatch(/^warning: [ -~]*archive\\x1b[ -~]* was moved [ -~]*\n {2}hint: [ -~]*\n$/);
});
