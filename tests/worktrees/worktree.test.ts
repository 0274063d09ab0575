import { describe, expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { git } from "../git/repository.ts";
import { Shop } from "./shop.ts";

/** Names of the environments that are there. */
async function environments(shop: Shop): Promise<string[]> {
  const { stdout } = await shop.rig.skerry(["ls", "--json"], { env: shop.env });
  return (JSON.parse(stdout).environments as { name: string }[]).map(({ name }) => name);
}

describe("skerry worktree init", () => {
  test("gives each worktree its own environment, with the project from its own source", async () => {
    await using shop = await Shop.make();
    const feature = shop.add("feature");
    expect(await shop.json(shop.main, ["init"])).toMatchObject({ done: "created", environment: { name: "shop" } });
    expect(await shop.json(join(feature, "src"), ["init"])).toMatchObject({
      done: "created",
      environment: { name: "shop-feature" },
      prefix: join(feature, ".venv"),
    });
    for (const folder of [shop.main, feature]) {
      const { stdout, stderr } = await shop.run(folder, [".venv/bin/python", "p3.py", "x"]);
      expect({ stdout, stderr }).toEqual({ stdout: `${folder}/src/shop 2.0 x\n`, stderr: "" });
      expect(await shop.faults(folder)).toEqual([]);
      // Git sees nothing of it.
      expect(git(folder, "status", "--porcelain")).toBe("");
    }
    expect(await shop.json(feature, ["init"])).toMatchObject({ done: "nothing" });
  });

  test("tells what it is like", async () => {
    await using shop = await Shop.make();
    const feature = shop.add("feature-branch");
    const before = await shop.worktree(feature, ["status"]);
    expect(before.stdout).toContain("Python       none of its own");
    await shop.json(feature, ["init"]);
    const { stdout } = await shop.worktree(feature, ["status"]);
    expect(stdout.replace(/\d+\.\d+\.\d+/, "V")).toBe(
      [
        "Worktree environment",
        "  Repository   shop",
        "  Worktree     feature-branch (linked)",
        "  Python       V  .venv/bin/python",
        "  Isolated     yes",
        "  Packages     2 of 2 available: alpha, gamma",
        "",
      ].join("\n"),
    );
  });

  test("follows the project's files when they change, and not when a formatter's settings do", async () => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init"]);
    const file = join(shop.main, "pyproject.toml");
    const text = await Bun.file(file).text();
    writeFileSync(file, `${text}\n[tool.ruff]\nline-length = 100\n`);
    expect(await shop.json(shop.main, ["status"])).toMatchObject({ outOfDate: false });
    writeFileSync(file, text.replace('"alpha>=1"', '"alpha<2"'));
    expect(await shop.json(shop.main, ["status"])).toMatchObject({ outOfDate: true });
    expect(await shop.json(shop.main, ["init"])).toMatchObject({ done: "synced" });
    expect((await shop.run(shop.main, [".venv/bin/python", "p3.py"])).stdout).toContain(" 1.0");
    expect(await shop.json(shop.main, ["status"])).toMatchObject({ outOfDate: false });
  });

  test("keeps to the groups and extras that were asked for", async () => {
    await using shop = await Shop.make();
    const installed = async () => {
      const { packages } = await shop.json<{ packages: { name: string }[] }>(shop.main, ["status"]);
      return packages.map(({ name }) => name);
    };
    await shop.json(shop.main, ["init"]);
    expect(await installed()).toEqual(["alpha", "gamma"]);
    const file = join(shop.main, "pyproject.toml");
    writeFileSync(file, (await Bun.file(file).text()).replace('dev = ["gamma"]', 'dev = ["gamma"]\nother = ["beta"]'));
    await shop.json(shop.main, ["init", "--group", "other"]);
    expect(await installed()).toEqual(["alpha", "beta"]);
    expect(await shop.json(shop.main, ["init"])).toMatchObject({ done: "nothing" });
  });

  test("installs requirements files where there is nothing more exact", async () => {
    await using shop = await Shop.make();
    const plain = join(shop.rig.cwd, "plain");
    shop.write(plain, {
      "requirements.txt": "-r more/base.txt\n",
      "more/base.txt": "beta==1.0\n",
      "requirements-docs.txt": "",
    });
    git(plain, "init", "-q");
    const { notes } = await shop.json<{ notes: string[] }>(plain, ["init"]);
    expect(notes).toEqual(["not installed: requirements-docs.txt; requirements_files in skerry.toml names more"]);
    expect(await shop.json(plain, ["status"])).toMatchObject({ packages: [{ name: "beta", version: "1.0" }] });
    writeFileSync(join(plain, "more/base.txt"), "beta==2.0\n");
    expect(await shop.json(plain, ["init"])).toMatchObject({ done: "synced" });
  });

  test("leaves another tool's .venv alone unless it is told not to", async () => {
    await using shop = await Shop.make();
    mkdirSync(join(shop.main, ".venv"));
    writeFileSync(join(shop.main, ".venv/pyvenv.cfg"), "home = /usr/bin\n");
    const { exitCode, stderr } = await shop.worktree(shop.main, ["init"]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("--force") });
    expect(readdirSync(join(shop.main, ".venv"))).toEqual(["pyvenv.cfg"]);
    expect(await shop.json(shop.main, ["init", "--force"])).toMatchObject({ done: "created" });
    expect(readdirSync(shop.main).filter((name) => name.startsWith(".venv"))).toEqual([".venv"]);
  });

  test.each(["of another state folder", "made by its name"])(
    "leaves an environment %s alone unless it is told not to",
    async (which) => {
      await using shop = await Shop.make();
      const state = which === "made by its name" ? [] : ["--home", join(shop.rig.root, "other")];
      const made = await shop.rig.skerry([...state, "create", "mine", "--prefix", ".venv"], {
        cwd: shop.main,
        env: shop.env,
      });
      expect(made).toMatchObject({ exitCode: 0 });
      writeFileSync(join(shop.main, ".venv/mine"), "");
      const before = readdirSync(join(shop.main, ".venv"), { recursive: true }).sort();
      const { exitCode, stderr } = await shop.worktree(shop.main, ["init"]);
      const home = state[1] ?? shop.rig.home;
      expect({ exitCode, stderr }).toEqual({
        exitCode: 4,
        stderr: expect.stringMatching(
          new RegExp(`${home.replaceAll(".", "\\.")}\n.*skerry worktree init --force`, "s"),
        ),
      });
      expect(readdirSync(join(shop.main, ".venv"), { recursive: true }).sort()).toEqual(before);
      expect(await shop.json(shop.main, ["init", "--force"])).toMatchObject({ done: "created" });
    },
  );

  test("puts back what was there when it fails", async () => {
    await using shop = await Shop.make();
    mkdirSync(join(shop.main, ".venv"));
    writeFileSync(join(shop.main, ".venv/mine"), "");
    writeFileSync(join(shop.main, "backend/backend.py"), "raise SystemExit('broken')\n");
    expect((await shop.worktree(shop.main, ["init", "--force"])).exitCode).not.toBe(0);
    expect(readdirSync(join(shop.main, ".venv"))).toEqual(["mine"]);
    expect(await environments(shop)).toEqual([]);
  });

  test("of two shells that enter at once, one makes it and the other finds it", async () => {
    await using shop = await Shop.make();
    const both = await Promise.all([shop.json(shop.main, ["init"]), shop.json(shop.main, ["init"])]);
    expect(both.map(({ done }) => done).sort()).toEqual(["created", "nothing"]);
    expect(await environments(shop)).toEqual(["shop"]);
  });

  test("refuses where there is no worktree to work in", async () => {
    await using shop = await Shop.make();
    const bare = join(shop.rig.cwd, "bare.git");
    git(shop.rig.cwd, "clone", "-q", "--bare", shop.main, bare);
    const feature = shop.add("feature");
    cpSync(feature, join(shop.rig.cwd, "copy"), { recursive: true });
    const refused = async (folder: string) => {
      const { exitCode, stderr } = await shop.worktree(folder, ["init"]);
      return `${exitCode} ${/error: (.*)/.exec(stderr)?.[1]?.replace(shop.rig.cwd, "")}`;
    };
    expect(await refused(shop.rig.tmp)).toContain("3 ");
    expect(await refused(bare)).toBe(
      "4 /bare.git is no worktree to work in: it is a git folder, without files of its own",
    );
    expect(await refused(join(shop.rig.cwd, "copy"))).toContain("4 /copy is a copy of another worktree");
    expect(await refused(shop.add("line\nbreak"))).toContain("4 No virtual environment can lie in ");
  });
});

describe("a worktree's environment", () => {
  test("goes with the worktree, however that is removed, and not while it is locked", async () => {
    await using shop = await Shop.make();
    const [byGit, byHand, locked] = [shop.add("by-git"), shop.add("by-hand"), shop.add("locked")];
    for (const folder of [byGit, byHand, locked]) await shop.json(folder, ["init"]);
    git(shop.main, "worktree", "lock", locked);
    git(shop.main, "worktree", "remove", byGit);
    for (const folder of [byHand, locked]) rmSync(folder, { recursive: true });
    await shop.worktree(shop.main, ["prune"]);
    expect(await environments(shop)).toEqual(["shop-locked"]);
    expect(existsSync(join(shop.rig.home, "envs"))).toBe(true);
    expect(readdirSync(join(shop.rig.home, "envs")).length).toBe(1);
  });

  test("goes by the next command, whatever that is, which says so", async () => {
    await using shop = await Shop.make();
    const [gone, moved, stays] = [shop.add("gone"), shop.add("moved"), shop.add("stays")];
    for (const folder of [gone, moved, stays]) await shop.json(folder, ["init"]);
    rmSync(gone, { recursive: true });
    git(shop.main, "worktree", "move", moved, join(shop.rig.cwd, "there"));
    expect(await shop.json(shop.main, ["prune", "--dry-run"])).toMatchObject({
      removed: [{ name: "shop-gone", root: gone }],
    });
    const { stdout, stderr } = await shop.rig.skerry(["ls"]);
    expect(stdout).not.toContain("shop-gone");
    expect(stderr.split("\n").sort()).toEqual([
      "",
      `removed the environment shop-gone: its worktree ${gone} is gone`,
      `repaired the environment shop-moved: its worktree is in ${shop.rig.cwd}/there now`,
    ]);
    expect(await environments(shop)).toEqual(["shop-moved", "shop-stays"]);
    expect(readdirSync(join(shop.rig.home, "envs")).length).toBe(2);
    // Its own package leads to where it was: that is told until it is installed anew.
    const there = join(shop.rig.cwd, "there");
    expect(await shop.faults(there)).toEqual([`source of shop: it is imported from ${moved}, outside of the worktree`]);
    expect(await shop.json(there, ["status"])).toMatchObject({ outOfDate: true });
    expect(await shop.json(there, ["init"])).toMatchObject({ done: "synced" });
    expect(await shop.faults(there)).toEqual([]);
  });

  test("moves with it, whether git moved it or the user", async () => {
    await using shop = await Shop.make();
    const feature = shop.add("feature");
    await shop.json(feature, ["init"]);
    const moved = join(shop.rig.cwd, "moved ü 'there'");
    git(shop.main, "worktree", "move", feature, moved);
    expect((await shop.worktree(shop.main, ["prune"])).stdout).toContain("repaired");
    expect(await shop.json(moved, ["init"])).toMatchObject({ done: "synced", environment: { name: "shop-feature" } });
    expect(await shop.faults(moved)).toEqual([]);
    // Again, from a name that isn't written as it is in what is known of the packages.
    const other = join(shop.rig.cwd, "other");
    git(shop.main, "worktree", "move", moved, other);
    expect(await shop.json(other, ["status"])).toMatchObject({ root: other });
    await shop.worktree(shop.main, ["prune"]);
    expect(await shop.json(other, ["init"])).toMatchObject({ done: "synced" });
    expect(await shop.faults(other)).toEqual([]);
    const again = join(shop.rig.cwd, "again");
    renameSync(other, again);
    expect(await shop.faults(again)).toContain("git: it was moved and git doesn't know where to");
    await shop.json(again, ["init"]);
    git(again, "worktree", "repair");
    expect(await shop.faults(again)).toEqual([]);
    expect((await shop.run(again, [".venv/bin/python", "p3.py"])).stdout).toBe(`${again}/src/shop 2.0\n`);
  });

  test("that was copied from another worktree is told, and made anew", async () => {
    await using shop = await Shop.make();
    const feature = shop.add("feature");
    await shop.json(shop.main, ["init"]);
    cpSync(join(shop.main, ".venv"), join(feature, ".venv"), { recursive: true, verbatimSymlinks: true });
    const faults = await shop.faults(feature);
    // Whose copy it is, nobody vouches for: its Python isn't started.
    expect(faults).toEqual([
      "environment: the .venv here is a copy of another environment's",
      `environment: the .venv here was made as ${shop.main}/.venv, and moved or copied`,
    ]);
    expect(await shop.json(feature, ["init"])).toMatchObject({ done: "created" });
    expect(await shop.faults(feature)).toEqual([]);
    expect(await shop.faults(shop.main)).toEqual([]);
  });

  test("holds an upgrade that the others don't get", async () => {
    await using shop = await Shop.make();
    const feature = shop.add("feature");
    for (const folder of [shop.main, feature]) await shop.json(folder, ["init"]);
    await shop.rig.skerry(["install", "shop-feature", "alpha<2"], { env: shop.env });
    const version = async (folder: string) =>
      (await shop.run(folder, [".venv/bin/python", "p3.py"])).stdout.split(" ")[1];
    expect([await version(shop.main), await version(feature)]).toEqual(["2.0\n", "1.0\n"]);
  });
});

describe("skerry worktree verify", () => {
  test("starts nothing that was put in the place of the environment's Python, and init mends it", async () => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init"]);
    const [bin, ran] = [join(shop.main, ".venv/bin"), join(shop.rig.root, "ran")];
    const evil = join(shop.main, "evil");
    writeFileSync(evil, `#!/bin/sh\necho $0 >>${ran}\n`, { mode: 0o755 });
    const spoils = [
      () => writeFileSync(join(bin, "python"), `#!/bin/sh\necho $0 >>${ran}\n`, { mode: 0o755 }),
      () => symlinkSync(evil, join(bin, "python")),
    ];
    for (const spoil of spoils) {
      rmSync(join(bin, "python"));
      spoil();
      expect((await shop.worktree(shop.main, ["status"])).stdout).toContain("none of its own");
      expect(await shop.faults(shop.main)).toEqual([expect.stringMatching(/^interpreter: .*\.venv\/bin\/python/)]);
      expect(existsSync(ran)).toBe(false);
      await shop.json(shop.main, ["init"]);
      expect(await shop.faults(shop.main)).toEqual([]);
    }
  });

  test("isn't confused by what a Python prints as it starts and ends, nor by one that answers nothing", async () => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init"]);
    const library = join(shop.main, ".venv/lib");
    const [python] = readdirSync(library).filter((name) => name.startsWith("python"));
    const talk = join(library, python!, "site-packages/talk.pth");
    writeFileSync(talk, "import atexit; print('{\"hello\"'); atexit.register(print, 'bye', end='')\n");
    expect(await shop.faults(shop.main)).toEqual([]);
    writeFileSync(talk, "import os; os._exit(0)\n");
    expect(await shop.faults(shop.main)).toEqual([expect.stringMatching(/^interpreter: .*\.venv\/bin\/python fails/)]);
  });

  test("finds what leads out of the worktree, and what can't be imported, with the repair of each", async () => {
    await using shop = await Shop.make();
    const feature = shop.add("feature");
    for (const folder of [shop.main, feature]) await shop.json(folder, ["init"]);
    expect(
      await shop.faults(feature, { VIRTUAL_ENV: join(shop.main, ".venv"), PYTHONPATH: join(shop.main, "src") }),
    ).toEqual([
      `VIRTUAL_ENV: VIRTUAL_ENV names another environment, ${shop.main}/.venv`,
      `PYTHONPATH: PYTHONPATH leads Python out of the worktree, to ${shop.main}/src`,
    ]);
    const [lib] = readdirSync(join(feature, ".venv/lib")).map((name) =>
      join(feature, ".venv/lib", name, "site-packages"),
    );
    writeFileSync(join(lib!, "leak.pth"), `${shop.rig.tmp}\n`);
    expect(await shop.faults(feature)).toEqual([`path: sys.path leads out of the worktree, to ${shop.rig.tmp}`]);
    rmSync(join(lib!, "leak.pth"));
    rmSync(join(lib!, "gamma.py"));
    writeFileSync(join(feature, "src/shop/__init__.py"), "import os\nos._exit(3)\n");
    expect(await shop.faults(feature)).toEqual(["import shop: it ended Python with 3"]);
    writeFileSync(join(feature, "src/shop/__init__.py"), "raise ValueError('no')\n");
    const { exitCode, stdout } = await shop.worktree(feature, ["verify"]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("FAIL  import shop: ValueError: no\n      repair: ");
    expect(stdout).toContain("FAIL  import gamma: No module named 'gamma'\n      repair: ");
  });
});
