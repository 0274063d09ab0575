import { describe, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { addPixiTasks } from "../../src/worktrees/pixi-tasks.ts";
import { git } from "../git/repository.ts";
import { SKERRY } from "../rig/rig.ts";
import { Shop } from "./shop.ts";

/** Each road on which a file is written where a branch or an archive may have made a link. */
const ROADS: Record<
  string,
  { at: (shop: Shop, feature: string) => string; args?: string[]; files?: Record<string, string> }
> = {
  "an activation script": { at: (_, feature) => join(feature, ".venv/bin/activate") },
  "pyvenv.cfg": { at: (_, feature) => join(feature, ".venv/pyvenv.cfg") },
  "a values file": {
    at: (_, feature) => join(feature, "conf/.env"),
    files: { "skerry.toml": 'worktree_values_file = "conf/.env"\nworktree_values = { A = "1" }\n' },
  },
  "git's info/exclude": {
    at: (shop) => join(shop.main, ".git/info/exclude"),
    files: { "skerry.toml": 'worktree_values = { A = "1" }\n' },
  },
  "a git hook": { at: (shop) => join(shop.main, ".git/hooks/post-checkout"), args: ["init", "--git-hook"] },
  "an entry file": {
    at: (_, feature) => join(feature, "tools/_skerry_entry.py"),
    args: ["init", "--entry", "tools/x.py"],
  },
  "the file of the infrastructure": {
    at: (_, feature) => join(feature, ".worktree_config.json"),
    args: ["global-setup"],
  },
  "a carried file": {
    at: (_, feature) => join(feature, "conf/secret"),
    files: { ".worktreeinclude": "conf/secret\n" },
  },
};

describe("nothing is written through a link", () => {
  test.each(Object.keys(ROADS))(
    "in the place of %s, nor of its folder",
    async (road) => {
      await using shop = await Shop.make();
      const { at, args = ["init"], files = {} } = ROADS[road]!;
      const feature = shop.add("feature");
      await shop.json(feature, ["init"]);
      shop.write(shop.main, { "conf/secret": "1" });
      writeFileSync(join(shop.main, ".git/info/exclude"), "conf\n");
      shop.write(feature, { "tools/x.py": "print(1)\n", ...files });
      const [precious, folder] = [join(shop.rig.root, "precious"), join(shop.rig.root, "elsewhere")];
      writeFileSync(precious, '{"mine": 1}\n', { mode: 0o600 });
      mkdirSync(folder);
      const path = at(shop, feature);
      rmSync(path, { force: true });
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(precious, path);
      await shop.worktree(feature, args);
      expect(readFileSync(precious, "utf8")).toBe('{"mine": 1}\n');
      const isCopied = lstatSync(path).isFile() && readFileSync(path, "utf8").includes("mine");
      expect({ isCopied }).toEqual({ isCopied: false });
      rmSync(dirname(path), { recursive: true });
      symlinkSync(folder, dirname(path));
      await shop.worktree(feature, args);
      expect(readdirSync(folder)).toEqual([]);
    },
    60_000,
  );

  test("in the place of pixi's manifest", async () => {
    await using shop = await Shop.make();
    const manifest = join(shop.rig.root, "pixi.toml");
    const text = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n';
    writeFileSync(manifest, text);
    symlinkSync(manifest, join(shop.main, "pixi.toml"));
    await expect(addPixiTasks(shop.main)).rejects.toMatchObject({ code: "SKE-PIXI-PROJECT" });
    expect(readFileSync(manifest, "utf8")).toBe(text);
  });
});

describe("no setting puts anything into what belongs to git, to an environment or to the state", () => {
  test.each([
    ".git/config",
    ".GIT/config",
    "a/../.git/config",
    "./.git/hooks/x",
    ".venv/bin/ls",
    ".pixi/x",
    "link/config",
  ])("worktree_values_file: %s", async (file) => {
    await using shop = await Shop.make();
    symlinkSync(".git", join(shop.main, "link"));
    const before = readFileSync(join(shop.main, ".git/config"), "utf8");
    shop.write(shop.main, { "skerry.toml": `worktree_values_file = "${file}"\nworktree_values = { A = "1" }\n` });
    expect((await shop.worktree(shop.main, ["init"])).exitCode).not.toBe(0);
    expect(readFileSync(join(shop.main, ".git/config"), "utf8")).toBe(before);
  });

  test("worktree_values_file in a state folder that lies in the worktree", async () => {
    await using shop = await Shop.make();
    const env = { SKERRY_HOME: join(shop.main, "state") };
    shop.write(shop.main, { "skerry.toml": 'worktree_values_file = "state/x"\nworktree_values = { A = "1" }\n' });
    const { exitCode, stderr } = await shop.worktree(shop.main, ["init"], env);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("lies in the state folder"),
    });
    expect(existsSync(join(shop.main, "state/x"))).toBe(false);
  });

  test("--prefix", async () => {
    await using shop = await Shop.make();
    const create = (prefix: string) => shop.rig.skerry(["create", "x", "--prefix", prefix], { cwd: shop.main });
    symlinkSync(shop.rig.home, join(shop.main, "to-state"));
    await shop.rig.skerry(["create", "first"]);
    for (const prefix of [`${shop.rig.home}/envs/x`, shop.rig.home, "to-state/x"])
      expect(await create(prefix)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining("it lies in the state folder"),
      });
    for (const [prefix, folder] of Object.entries(gitFolders(shop)))
      expect({ prefix, ...(await create(prefix)) }).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining(`it lies in ${folder}, which is git's`),
      });
    expect((await shop.rig.skerry(["create", "--prefix", ".venv"], { cwd: shop.main })).exitCode).toBe(0);
    symlinkSync(".venv/lib", join(shop.main, "to-environment"));
    for (const prefix of [".venv/x", ".venv/lib/x/.venv", "to-environment/x"])
      expect(await create(prefix)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining(`it lies in ${shop.main}/.venv, which is another environment`),
      });
    expect((await create("env/x")).exitCode).toBe(0);
  });
});

/** Ways to name a place in a git folder from the main checkout, and that folder. */
function gitFolders(shop: Shop): Record<string, string> {
  symlinkSync(".git/info", join(shop.main, "to-git"));
  git(shop.rig.cwd, "clone", "-q", "--bare", shop.main, "bare");
  const bare = join(shop.rig.cwd, "bare");
  const own = join(shop.main, ".git");
  return { ".git/x": own, ".git": own, "to-git/x": own, "../.GIT/x": join(shop.rig.cwd, ".GIT"), "../bare/x": bare };
}

describe("nothing of git's is taken for a place to write to", () => {
  test("by the state folder, however it is named", async () => {
    await using shop = await Shop.make();
    const before = readdirSync(join(shop.main, ".git"));
    for (const [home, folder] of Object.entries(gitFolders(shop))) {
      const refused = { exitCode: 5, stderr: expect.stringContaining(`it lies in ${folder}, which is git's`) };
      expect({ home, ...(await shop.run(shop.main, [SKERRY, "ls", "--home", home])) }).toMatchObject(refused);
      expect({ home, ...(await shop.run(shop.main, [SKERRY, "ls"], { SKERRY_HOME: home })) }).toMatchObject(refused);
    }
    expect(readdirSync(join(shop.main, ".git"))).toEqual(before);
  });

  test.each([".git/x", ".venv/x", "a/../.PIXI"])("by home in a configuration file: %s", async (home) => {
    await using shop = await Shop.make();
    const set = await shop.rig.skerry(["config", "set", "home", home], { cwd: shop.main });
    expect(set).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("outside of .git, .venv and .pixi") });
    shop.write(shop.main, { "skerry.toml": `home = "${home}"\n` });
    expect((await shop.run(shop.main, ["env", "-u", "SKERRY_HOME", SKERRY, "ls"])).exitCode).toBe(2);
  });

  test.each(["config", "modules/x"])("by a configuration file that is a link to %s", async (name) => {
    await using shop = await Shop.make();
    const path = join(shop.main, ".git", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'mode = "thin"\n');
    symlinkSync(join(".git", name), join(shop.main, "skerry.toml"));
    for (const args of [
      ["set", "python", "3.12"],
      ["init", "--force"],
    ]) {
      const { exitCode, stderr } = await shop.rig.skerry(["config", ...args], { cwd: shop.main });
      expect({ args, exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("git's") });
    }
    expect(readFileSync(path, "utf8")).toBe('mode = "thin"\n');
  });

  test("by a script that finds its Python", async () => {
    await using shop = await Shop.make();
    shop.write(shop.main, { ".git/hooks/x.py": "print(1)\n" });
    symlinkSync(".git/hooks", join(shop.main, "hooks"));
    for (const script of [".git/hooks/x.py", "hooks/x.py"])
      expect(await shop.worktree(shop.main, ["init", "--entry", script])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining("it lies in a folder of git's"),
      });
    expect(existsSync(join(shop.main, ".git/hooks/_skerry_entry.py"))).toBe(false);
  });

  test("by folders of infrastructure", async () => {
    await using shop = await Shop.make();
    shop.write(shop.main, { "skerry.toml": 'worktree_infrastructure = [".git/hooks"]\n' });
    expect((await shop.worktree(shop.main, ["global-setup"])).exitCode).toBe(2);
  });
});

test("the file of shared infrastructure is no link: nothing is written where it leads, nor copied from there", async () => {
  await using shop = await Shop.make();
  const feature = shop.add("feature");
  const precious = join(shop.rig.root, "precious.json");
  writeFileSync(precious, '{ "token": "x" }\n');
  symlinkSync(precious, join(feature, ".worktree_config.json"));
  expect(await shop.worktree(shop.main, ["global-setup"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("it is a link"),
  });
  expect(readFileSync(precious, "utf8")).toBe('{ "token": "x" }\n');
  expect(existsSync(join(shop.main, ".worktree_config.json"))).toBe(false);
});

test("git that Skerry asks runs nothing that the repository's configuration names", async () => {
  await using shop = await Shop.make();
  const ran = join(shop.rig.root, "ran");
  const program = join(shop.rig.root, "program");
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >>${ran}\n`, { mode: 0o755 });
  for (const key of ["core.fsmonitor", "core.pager", "diff.external", "core.sshCommand", "alias.status"])
    git(shop.main, "config", key, key.startsWith("alias") ? `!${program}` : program);
  git(shop.main, "config", "core.hooksPath", join(shop.main, ".git/own"));
  git(shop.main, "config", "filter.x.clean", program);
  shop.write(shop.main, { ".git/own/x": "", ".git/info/attributes": "* filter=x\n" });
  utimesSync(join(shop.main, "p3.py"), 0, 0);
  shop.write(shop.main, { ".worktreeinclude": "x\n" });
  expect(await shop.json(shop.main, ["init"])).toMatchObject({ done: "created" });
  expect(existsSync(ran)).toBe(false);
  // Where the user keeps hooks counts.
  await shop.json(shop.main, ["init", "--git-hook"]);
  expect(existsSync(join(shop.main, ".git/own/post-checkout"))).toBe(true);
});
