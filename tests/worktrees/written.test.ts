import { describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { git } from "../git/repository.ts";
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
      writeFileSync(precious, "mine\n");
      mkdirSync(folder);
      const path = at(shop, feature);
      rmSync(path, { force: true });
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(precious, path);
      await shop.worktree(feature, args);
      expect(readFileSync(precious, "utf8")).toBe("mine\n");
      rmSync(dirname(path), { recursive: true });
      symlinkSync(folder, dirname(path));
      await shop.worktree(feature, args);
      expect(readdirSync(folder)).toEqual([]);
    },
    60_000,
  );
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
    expect((await create("env/x")).exitCode).toBe(0);
  });
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
