import { describe, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { git } from "../git/repository.ts";
import { newestPython, SKERRY } from "../rig/rig.ts";
import { Shop } from "./shop.ts";

const READING = ["status", "verify", "list", "global-setup"] as const;

/** Everything that looks at a folder without being asked for an environment: commands, hook, shims. */
async function lookFromEverywhere(shop: Shop, folder: string): Promise<string> {
  const shims = join(shop.rig.home, "shims");
  await shop.rig.skerry(["shims", "install"]);
  const outcomes = [
    ...(await Promise.all(READING.map((action) => shop.worktree(folder, [action])))),
    await shop.run(folder, [SKERRY, "__hook", "bash", "more"], { SKERRY_AUTO_SYNC: "always" }),
    await shop.run(folder, ["python", "-c", "pass"], { PATH: `${shims}:${shop.env.PATH}` }),
  ];
  return outcomes.map(({ stdout, stderr }) => stdout + stderr).join("");
}

/** A repository whose every file would run something, in a rig where the user has an environment of another. */
async function hostile(): Promise<{ shop: Shop; folder: string; ran: string } & AsyncDisposable> {
  const shop = await Shop.make();
  await shop.json(shop.main, ["init"]);
  const folder = join(shop.rig.cwd, "hostile");
  const ran = join(shop.rig.root, "ran");
  const touch = `$(touch ${ran})`;
  const { path } = newestPython();
  const version = `python${newestPython().version.split(".").slice(0, 2).join(".")}`;
  shop.write(folder, {
    "skerry.toml": `python = "${touch}"\nworktree_links = ["${touch}"]\n[worktree_values]\nX = "${touch}"\n`,
    ".worktreeinclude": `${touch}\n`,
    "requirements.txt": "",
    ".venv/pyvenv.cfg": "home = /usr/bin\ninclude-system-site-packages = false\n",
    [`.venv/lib/${version}/site-packages/evil.pth`]: `import os; open(${JSON.stringify(ran)}, "w")\n`,
    ".venv/skerry.json": '{"id":"0123456789abcdef"}\n',
  });
  mkdirSync(join(folder, ".venv/bin"));
  symlinkSync(path, join(folder, ".venv/bin/python"));
  git(folder, "init", "-q");
  // As an archive leaves it; what a branch brings is tried in tracked.test.ts.
  writeFileSync(join(folder, ".git/info/exclude"), ".venv\n");
  git(folder, "add", "-A");
  git(folder, "commit", "-qm", "begin");
  return { shop, folder, ran, [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose]() };
}

describe("a repository that nobody has trusted", () => {
  test("runs nothing of its own by being looked at, also not through a .venv that it brings", async () => {
    await using at = await hostile();
    const { shop, folder, ran } = at;
    // It would run something, if somebody started that Python.
    await shop.run(folder, [".venv/bin/python", "-I", "-c", "pass"]);
    expect(existsSync(ran)).toBe(true);
    rmSync(ran);
    const told = await lookFromEverywhere(shop, folder);
    expect({ told, ran: existsSync(ran) }).toMatchObject({ ran: false });
    expect(await shop.faults(folder)).toEqual([
      "environment: the .venv here isn't one that Skerry made for this repository",
    ]);
    rmSync(join(folder, ".venv/skerry.json"));
    await lookFromEverywhere(shop, folder);
    expect(existsSync(ran)).toBe(false);
  });

  test("keeps its .venv out of the way of init, and gets nothing run in a shell by names and values", async () => {
    await using at = await hostile();
    const { shop, folder, ran } = at;
    expect(await shop.worktree(folder, ["init"])).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining("skerry trust"),
    });
    shop.write(folder, {
      "skerry.toml": `worktree_links = ["$(touch x)"]\n[worktree_values]\nX = "$(touch ${ran})'\\"\`touch ${ran}\`"\n`,
    });
    mkdirSync(join(folder, "$(touch x)"));
    const added = join(shop.rig.cwd, "$(touch x) '*");
    git(folder, "worktree", "add", "-q", "-b", "$(touch${IFS}x)", added);
    const values = readFileSync(join(folder, "skerry.toml"), "utf8");
    shop.write(added, { "skerry.toml": values });
    expect((await shop.worktree(added, ["init", "--force"])).exitCode).toBe(0);
    const { stdout } = await shop.run(added, ["sh", "-c", '. ./.env; printf %s "$X"']);
    expect(stdout).toBe(`$(touch ${ran})'"\`touch ${ran}\``);
    expect(existsSync(ran)).toBe(false);
    expect(readdirSync(added)).not.toContain("x");
  });

  test("gets nothing out of its checkout: what is named as a link, and a .venv that is one", async () => {
    await using shop = await Shop.make();
    shop.write(shop.rig.tmp, { "precious/mine": "1" });
    symlinkSync(join(shop.rig.tmp, "precious"), join(shop.main, ".venv"));
    expect(await shop.worktree(shop.main, ["init"])).toMatchObject({ exitCode: 4 });
    expect(await shop.json(shop.main, ["init", "--force"])).toMatchObject({ done: "created" });
    expect(readFileSync(join(shop.rig.tmp, "precious/mine"), "utf8")).toBe("1");
    expect(readdirSync(join(shop.rig.tmp, "precious"))).toEqual(["mine"]);
    expect(lstatSync(join(shop.main, ".venv")).isDirectory()).toBe(true);
    const feature = shop.add("feature");
    for (const link of ["../x", "/etc", "a/../../x", "a\nb", ".git/hooks", "a/.Git/hooks", ".venv/bin"]) {
      shop.write(feature, { "skerry.toml": `worktree_links = [${JSON.stringify(link)}]\n` });
      const { exitCode } = await shop.worktree(feature, ["init"]);
      expect({ link, exitCode }).not.toMatchObject({ exitCode: 0 });
    }
  });

  test("writes no link through a folder of the branch that is one", async () => {
    await using shop = await Shop.make();
    shop.write(shop.main, { "skerry.toml": 'worktree_links = ["deep/data"]\n', ".gitignore": "deep\n" });
    shop.commit(shop.main);
    shop.write(shop.main, { "deep/data/x": "" });
    const feature = shop.add("feature");
    symlinkSync(shop.rig.tmp, join(feature, "deep"));
    expect(await shop.json(feature, ["init"])).toMatchObject({ carried: { linked: [] } });
    expect(existsSync(join(shop.rig.tmp, "data"))).toBe(false);
  });
});

test("a .venv that is a link to another worktree's is entered by nobody, told, and replaced", async () => {
  await using shop = await Shop.make();
  const feature = shop.add("feature");
  await shop.json(shop.main, ["init"]);
  symlinkSync("../shop/.venv", join(feature, ".venv"));
  const told = await lookFromEverywhere(shop, feature);
  expect(told).toContain(`${feature}/.venv was moved or copied, and is not used`);
  const shims = join(shop.rig.home, "shims");
  const typed = await shop.run(feature, ["python", "-c", "import sys; print(sys.prefix)"], {
    PATH: `${shims}:${shop.env.PATH}`,
  });
  expect(typed.stdout).not.toContain(".venv");
  const { stdout } = await shop.run(feature, [SKERRY, "__hook", "bash", "more"]);
  expect(stdout).not.toContain("VIRTUAL_ENV");
  expect(await shop.faults(feature)).toContain("environment: the .venv here is a copy of another environment's");
  expect(await shop.json(feature, ["init"])).toMatchObject({ done: "created" });
  expect(await shop.faults(feature)).toEqual([]);
  expect(await shop.faults(shop.main)).toEqual([]);
});

test.skipIf(process.geteuid?.() !== 0)(
  "another user's repository has no environment, whatever git is told",
  async () => {
    await using shop = await Shop.make();
    const feature = shop.add("feature");
    await shop.json(feature, ["init"]);
    await shop.run(shop.rig.cwd, ["chown", "-R", "65534:65534", join(shop.main, ".git")]);
    const env = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*" };
    for (const action of ["init", ...READING]) {
      expect(await shop.worktree(feature, [action], env)).toMatchObject({
        exitCode: 4,
        stdout: "",
        stderr: expect.stringMatching(/shop\/\.git\S* belongs to another user\n {2}hint: make a clone/),
      });
    }
  },
);

describe("a file that is none", () => {
  const PIPES = [
    ".venv/skerry.json",
    "pyproject.toml",
    "uv.lock",
    "requirements.txt",
    "setup.py",
    "other.py",
    ".python-version",
    ".worktreeinclude",
    ".worktree_config.json",
    ".env",
    "_skerry_entry.py",
  ];

  test.each(PIPES)("keeps nobody waiting: a pipe named %s", async (name) => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init"]);
    const feature = shop.add("feature");
    await shop.json(feature, ["init"]);
    shop.write(feature, { "skerry.toml": '[worktree_values]\nX = "1"\n' });
    const pyproject = readFileSync(join(feature, "pyproject.toml"), "utf8");
    shop.write(feature, { "pyproject.toml": pyproject.replace('"gamma"', '"gamma", "beta"') });
    rmSync(join(feature, name), { force: true });
    expect((await shop.run(feature, ["mkfifo", name])).exitCode).toBe(0);
    const begin = Date.now();
    await lookFromEverywhere(shop, feature);
    const { stderr } = await shop.worktree(feature, ["init", "--entry", "p3.py"]);
    expect(stderr).not.toContain("took longer");
    expect(Date.now() - begin).toBeLessThan(20_000);
  });

  test.each(["folder", "device"])("is read no further than it may be: a %s of each name", async (kind) => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init"]);
    const feature = shop.add("feature");
    await shop.json(feature, ["init"]);
    for (const name of [...PIPES, "skerry.toml", "pixi.toml"]) {
      const path = join(feature, name);
      const kept = `${path}.kept`;
      if (existsSync(path)) renameSync(path, kept);
      if (kind === "folder") mkdirSync(path);
      else symlinkSync("/dev/zero", path);
      const begin = Date.now();
      await lookFromEverywhere(shop, feature);
      const list = [`-r`, name];
      for (const words of [
        ["run", ...(name.startsWith(".") ? [] : list), "--", "true"],
        ["trust", "--list"],
      ]) {
        const { exitCode, stderr } = await shop.run(feature, [SKERRY, ...words]);
        expect([name, words, stderr.includes("Skerry itself"), exitCode > 125]).toEqual([name, words, false, false]);
      }
      expect([name, Date.now() - begin < 20_000]).toEqual([name, true]);
      rmSync(path, { recursive: true });
      if (existsSync(kept)) renameSync(kept, path);
    }
  });

  test("keeps nobody waiting in a .venv that somebody else made", async () => {
    await using shop = await Shop.make();
    mkdirSync(join(shop.main, ".venv"));
    expect((await shop.run(shop.main, ["mkfifo", ".venv/pyvenv.cfg"])).exitCode).toBe(0);
    expect(await shop.worktree(shop.main, ["init"])).toMatchObject({ exitCode: 4 });
  });

  test("counts for nothing where it is larger than anything that Skerry writes", async () => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init"]);
    const huge = join(shop.main, ".venv/skerry.json");
    rmSync(huge);
    shop.write(shop.main, { ".venv/skerry.json": "\n" });
    truncateSync(huge, 2 ** 40);
    expect(await shop.worktree(shop.main, ["status"])).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await shop.run(shop.main, [SKERRY, "__hook", "bash", "more"])).toMatchObject({ exitCode: 0, stderr: "" });
  });
});
