import { describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { newestPython, type Outcome } from "../rig/rig.ts";
import { Shop } from "./shop.ts";

const PLACE = "import sys; print(sys.prefix)";

/** A shop with shims first on PATH, and how a program is started through them. */
async function withShims(): Promise<{ shop: Shop; PATH: string; shims: string; python: Typed } & AsyncDisposable> {
  const shop = await Shop.make();
  await shop.rig.skerry(["shims", "install"]);
  const shims = join(shop.rig.home, "shims");
  const PATH = `${shims}:${shop.env.PATH}`;
  const python: Typed = (folder, args, env = {}) => shop.run(folder, ["python", ...args], { PATH, ...env });
  return { shop, PATH, shims, python, [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose]() };
}

type Typed = (folder: string, args: readonly string[], env?: Record<string, string>) => Promise<Outcome>;

/** A program on PATH that says who it is. */
function program(shop: Shop, folder: string, name: string, script: string): string {
  shop.rig.write(`../${folder}/${name}`, script, 0o755);
  return join(shop.rig.root, folder);
}

describe("a shim", () => {
  test.each([
    ["sh", "C"],
    ["sh", "C.UTF-8"],
    ["bash", "C"],
    ["bash", "C.UTF-8"],
  ])("says nothing that steers a terminal, whatever its folder is called: in %s, %s", async (shell, LC_ALL) => {
    await using all = await withShims();
    const { shop, PATH, shims } = all;
    await shop.json(shop.main, ["init"]);
    const folder = join(shop.rig.cwd, "é\u001b]0;x\u0007\n\u009b2J\u202ez%s*");
    cpSync(join(shop.main, ".venv"), join(folder, ".venv"), { recursive: true, verbatimSymlinks: true });
    const { stderr } = await shop.run(folder, [shell, join(shims, "python"), "-c", "pass"], { PATH, LC_ALL });
    const shown = `${shop.rig.cwd}/é?]0;x???2J?z%s*/.venv was moved or copied, and is not used`;
    expect(stderr).toMatch(/\n {2}hint: skerry [ -~]+\n$/);
    expect(stderr.split("\n")[0]).toBe(`warning: ${shown}`);
  });

  test("becomes the Python of the folder that it is typed in, and passes everything on", async () => {
    await using all = await withShims();
    const { shop, python } = all;
    const [one, two] = [shop.add("one"), shop.add("two worktree ü")];
    for (const folder of [one, two]) await shop.json(folder, ["init"]);
    mkdirSync(join(two, "deep/er"), { recursive: true });
    expect((await python(one, ["-c", PLACE])).stdout).toBe(`${one}/.venv\n`);
    expect((await python(join(two, "deep/er"), ["-c", PLACE])).stdout).toBe(`${two}/.venv\n`);
    symlinkSync(two, join(shop.rig.cwd, "link"));
    expect((await python(join(shop.rig.cwd, "link"), ["-c", PLACE])).stdout).toBe(`${two}/.venv\n`);
    expect(await python(one, ["p3.py", "a b", "$(x)", "*", ""])).toMatchObject({
      exitCode: 0,
      stdout: `${one}/src/shop 2.0 a b $(x) * \n`,
    });
    expect((await python(one, ["-c", "import sys; sys.exit(7)"])).exitCode).toBe(7);
    expect((await python(one, ["-c", "import os; os.kill(os.getpid(), 15)"])).exitCode).toBe(143);
    const piped = shop.rig.start(["python", "-"], {
      cwd: one,
      env: { ...shop.env, PATH: all.PATH },
      input: "import shop; print(shop.PLACE)\n",
    });
    expect((await piped.exit).stdout).toBe(`${one}/src/shop\n`);
    const env = "import os; print([os.environ.get(n) for n in ('PWD', 'OLDPWD', 'MINE')])";
    const told = await shop.rig.run(
      ["sh", "-c", `cd "$1" && cd one && MINE="a  b" python -c "$2"`, "-", shop.rig.cwd, env],
      {
        env: { ...shop.env, PATH: all.PATH },
      },
    );
    expect(told.stdout).toBe(`['${one}', '${shop.rig.cwd}', 'a  b']\n`);
  });

  test("is no process of its own: sh becomes Python, and reads one small file", async () => {
    await using all = await withShims();
    const { shop, PATH } = all;
    const one = shop.add("one");
    await shop.json(one, ["init"]);
    const log = join(shop.rig.tmp, "trace");
    const argv = [
      "strace",
      "-f",
      "-e",
      "trace=execve,fork,vfork,clone,openat",
      "-o",
      log,
      join(all.shims, "python"),
      "-c",
      "",
    ] as const;
    expect((await shop.run(one, [...argv], { PATH })).exitCode).toBe(0);
    const lines = (await Bun.file(log).text()).split("\n");
    const starts = lines.flatMap((line) => /execve\("([^"]*)".*= 0$/.exec(line)?.[1] ?? []);
    expect(starts).toEqual([join(all.shims, "python"), `${one}/.venv/bin/python`]);
    const own = lines.slice(
      0,
      lines.findIndex((line) => line.includes(`execve("${one}`)),
    );
    expect(own.filter((line) => /clone|fork/.test(line))).toEqual([]);
    const read = own.flatMap((line) => /openat\(.*"([^"]*)".* = \d+$/.exec(line)?.[1] ?? []);
    expect(read.filter((path) => !/\.so|\/etc\/ld|locale|gconv|\/dev\/null/.test(path))).toEqual([
      join(all.shims, "python"),
      `${one}/.venv/skerry.json`,
    ]);
  });

  test("becomes the next one on PATH where there is no environment, and gets past others that lead back", async () => {
    await using all = await withShims();
    const { shop, python, shims } = all;
    const real = newestPython().path;
    const last = program(shop, "last", "python", `#!/bin/sh\nexec ${real} "$@"\n`);
    // As pyenv does when it is set to the system's: it looks on PATH for what isn't a shim of its own.
    const loop = program(
      shop,
      "loop",
      "python",
      `#!/bin/sh\nPATH=${shims}:${join(shop.rig.root, "loop")}:${last} exec python "$@"\n`,
    );
    const path = `${shims}:${loop}:${last}:/usr/bin:/bin`;
    expect((await python(shop.rig.cwd, ["-c", "print(1)"], { PATH: path })).stdout).toBe("1\n");
    // Two state folders with shims each.
    const other = { SKERRY_HOME: join(shop.rig.root, "other") };
    await shop.rig.skerry(["shims", "install"], { env: other });
    const both = `${shims}:${other.SKERRY_HOME}/shims:${last}:/usr/bin:/bin`;
    expect((await python(shop.rig.cwd, ["-c", "print(2)"], { PATH: both })).stdout).toBe("2\n");
    // A program that starts itself anew in its own process.
    const again =
      "import os, sys; n = int(sys.argv[1]); print(n, flush=True)\nif n: os.execvp('python', ['python', '-c', os.environ['CODE'], str(n - 1)])";
    expect(
      (await python(shop.rig.cwd, ["-c", again, "3"], { CODE: again, PATH: `${shims}:${last}:/usr/bin:/bin` })).stdout,
    ).toBe("3\n2\n1\n0\n");
    const nowhere = await shop.run(shop.rig.cwd, [join(shims, "pip3"), "list"], { PATH: `${shims}:${loop}` });
    expect(nowhere).toMatchObject({ exitCode: 127, stderr: expect.stringContaining("pip3 is nowhere on PATH") });
    // Nothing but a circle.
    const circle = program(shop, "circle", "python", `#!/bin/sh\nexec ${shims}/python "$@"\n`);
    const closed = await shop.run(shop.rig.cwd, [join(shims, "python")], { PATH: circle });
    expect(closed).toMatchObject({ exitCode: 127, stderr: expect.stringContaining("python is nowhere on PATH") });
  });

  test("runs nothing that a repository brought along, nor a copy, and says so", async () => {
    await using all = await withShims();
    const { shop, python } = all;
    const one = shop.add("one");
    const { environment } = await shop.json<{ environment: { id: string } }>(one, ["init"]);
    const hostile = join(shop.rig.cwd, "hostile");
    shop.write(hostile, {
      ".venv/bin/python": "#!/bin/sh\necho pwned\n",
      ".venv/skerry.json": `${JSON.stringify({ id: environment.id })}\n`,
    });
    await shop.rig.run(["chmod", "+x", join(hostile, ".venv/bin/python")]);
    await shop.rig.run(["git", "init", "-q"], { cwd: hostile });
    const outcome = await python(hostile, ["-c", "print('other')"]);
    expect(outcome).toMatchObject({ exitCode: 0, stdout: "other\n", stderr: expect.stringContaining("is not used") });
    shop.write(hostile, { ".venv/skerry.json": '{"id":"../../x"}\n' });
    expect((await python(hostile, ["-c", "print('other')"])).stdout).toBe("other\n");
    const copy = join(shop.rig.cwd, "copy");
    cpSync(one, copy, { recursive: true, verbatimSymlinks: true });
    expect((await python(copy, ["-c", PLACE])).stdout).not.toContain(".venv");
    renameSync(one, join(shop.rig.cwd, "moved"));
    expect((await python(join(shop.rig.cwd, "moved"), ["-c", PLACE])).stderr).toContain("skerry worktree init");
  });

  test("passes over what another worktree left in the shell, and keeps what was activated by hand", async () => {
    await using all = await withShims();
    const { shop, python } = all;
    const [one, two] = [shop.add("one"), shop.add("two")];
    for (const folder of [one, two]) await shop.json(folder, ["init"]);
    const leak = { VIRTUAL_ENV: `${two}/.venv`, PYTHONHOME: "/nowhere" };
    const told = "import os, sys; print(sys.prefix, os.environ.get('VIRTUAL_ENV'))";
    expect((await python(one, ["-c", told], leak)).stdout).toBe(`${one}/.venv None\n`);
    // In a worktree without an environment either, also where its folder is on PATH.
    const bare = shop.add("bare");
    const path = `${all.shims}:${two}/.venv/bin:${shop.env.PATH}`;
    expect((await python(bare, ["-c", PLACE], { VIRTUAL_ENV: leak.VIRTUAL_ENV, PATH: path })).stdout).not.toContain(
      ".venv",
    );
    // Nor by way of a program that one of another worktree has started.
    const start = `import subprocess; subprocess.run(["python", "-c", ${JSON.stringify(PLACE)}], cwd=${JSON.stringify(bare)})`;
    expect((await python(one, ["-c", start])).stdout).not.toContain(".venv");
    // What was activated by hand in this very checkout stays as well.
    const own = join(one, "venv-hand");
    await shop.rig.run([newestPython().path, "-m", "venv", "--without-pip", own]);
    expect((await python(one, ["-c", PLACE], { VIRTUAL_ENV: own })).stdout).toBe(`${own}\n`);
    const byHand = join(shop.rig.root, "by-hand");
    await shop.rig.run([newestPython().path, "-m", "venv", "--without-pip", byHand]);
    expect((await python(one, ["-c", PLACE], { VIRTUAL_ENV: byHand })).stdout).toBe(`${byHand}\n`);
    expect((await python(one, ["-c", PLACE], { SKERRY_BYPASS: "1" })).stdout).not.toContain(".venv");
  });

  test("is found by scripts, and what they make is made of the true interpreter", async () => {
    await using all = await withShims();
    const { shop, python, PATH } = all;
    const one = shop.add("one");
    await shop.json(one, ["init"]);
    await shop.run(one, ["chmod", "+x", "p3.py"]);
    expect((await shop.run(one, ["./p3.py", "x"], { PATH })).stdout).toBe(`${one}/src/shop 2.0 x\n`);
    // Neither the shim nor the worktree's own environment is a home for another one.
    const made = join(shop.rig.cwd, "made");
    expect(await python(one, ["-m", "venv", "--without-pip", made])).toMatchObject({ exitCode: 0, stderr: "" });
    const home = /^home = (.*)$/m.exec(readFileSync(join(made, "pyvenv.cfg"), "utf8"))?.[1];
    const base = await python(one, ["-c", "import os, sys; print(os.path.dirname(sys._base_executable))"]);
    expect(home).toBe(base.stdout.trim());
    const about = "import sys; print(sys.executable, sys.prefix == sys.base_prefix)";
    expect((await python(one, ["-c", about])).stdout).toBe(`${one}/.venv/bin/python False\n`);
    expect((await shop.run(shop.rig.cwd, [join(made, "bin/python"), "-c", PLACE], { PATH })).stdout).toBe(`${made}\n`);
  });

  test("starts nothing in a folder that is gone, and is no part of Skerry's runtime", async () => {
    await using all = await withShims();
    const { shop } = all;
    shop.write(shop.rig.tmp, { "evil.ts": 'console.log("evil")' });
    const last = program(shop, "last", "python", `#!/bin/sh\nexec ${newestPython().path} "$@"\n`);
    const PATH = `${all.shims}:${last}:/usr/bin:/bin`;
    const env = { ...shop.env, PATH, BUN_BE_BUN: "1", BUN_OPTIONS: `--preload=${shop.rig.tmp}/evil.ts` };
    const line = 'mkdir gone && cd gone && rmdir ../gone && python -c "print(1)"';
    const { exitCode, stdout } = await shop.rig.run(["bash", "-c", line], { env });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "1\n" });
  });

  test("never takes another Python's pip for the environment's", async () => {
    await using all = await withShims();
    const { shop, PATH } = all;
    const one = shop.add("one");
    await shop.json(one, ["init"]);
    const log = program(shop, "bin", "pip", "#!/bin/sh\necho other\n");
    const outcome = await shop.run(one, ["pip", "list"], { PATH: `${PATH}:${log}` });
    expect(outcome).toMatchObject({
      exitCode: 127,
      stdout: "",
      stderr: expect.stringContaining("skerry install . pip"),
    });
  });
});

test("shims are made for any program, made again without change, and removed", async () => {
  await using shop = await Shop.make();
  const { rig } = shop;
  const list = async (...args: string[]) =>
    JSON.parse((await rig.skerry(["shims", ...args, "--json"])).stdout) as { names: string[]; isOnPath: boolean };
  expect((await list()).names).toEqual([]);
  expect(await list("install", "pytest")).toMatchObject({ names: ["pytest"], isOnPath: false });
  expect((await list("install")).names).toEqual(["pip", "pip3", "pytest", "python", "python3"]);
  expect((await list("remove", "pytest", "ruff")).names).toEqual(["pip", "pip3", "python", "python3"]);
  for (const name of ["../x", "skerry", ".x", "a/b", ""]) {
    expect(await rig.skerry(["shims", "install", name])).toMatchObject({ exitCode: 2, stdout: "" });
  }
  const hiding = join(rig.root, "first");
  rig.write("../first/python", "#!/bin/sh\n", 0o755);
  const { stdout, stderr } = await rig.skerry(["shims"], {
    env: { PATH: `${hiding}:${rig.home}/shims:/usr/bin:/bin` },
  });
  expect([stdout, stderr]).toEqual([
    "pip\npip3\npython\npython3\n",
    expect.stringContaining(`${hiding}/python comes first`),
  ]);
  expect((await list("remove")).names).toEqual([]);
});
