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
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { git } from "../git/repository.ts";
import { newestPython, SKERRY } from "../rig/rig.ts";
import { Shop } from "./shop.ts";

/** Names of the environments that are there. */
async function environments(shop: Shop): Promise<string[]> {
  const { stdout } = await shop.rig.skerry(["ls", "--json"], { env: shop.env });
  return (JSON.parse(stdout).environments as { name: string }[]).map(({ name }) => name).sort();
}

const typed = (shop: Shop, folder: string) => shop.run(folder, [".venv/bin/python", "p3.py"]);

/** Does what verify says, until it says nothing. */
async function repaired(shop: Shop, folder: string): Promise<void> {
  const { stdout } = await shop.worktree(folder, ["verify"]);
  const repairs = [...stdout.matchAll(/repair: skerry (.*)/g)].map((found) => found[1]!.split(" "));
  for (const args of repairs) await shop.rig.skerry(args, { cwd: folder, env: shop.env });
  expect({ repairs, faults: await shop.faults(folder) }).toEqual({ repairs, faults: [] });
}

/** Of this kind are also files that a compiler makes beside the sources: git doesn't have them, a build does. */
async function withBuiltModule(): Promise<{ shop: Shop; feature: string } & AsyncDisposable> {
  const shop = await Shop.make();
  const backend = readFileSync(join(shop.main, "backend/backend.py"), "utf8");
  shop.write(shop.main, {
    "backend/backend.py": backend.replace(
      '    name = "shop-1.0',
      '    open(os.path.join(ROOT, "src/shop/_built.py"), "w").write(open(os.path.join(ROOT, "src/built.c")).read())\n    name = "shop-1.0',
    ),
    "src/built.c": "VALUE = 1\n",
    "src/shop/__init__.py": "import os, alpha\nfrom shop._built import VALUE\nPLACE = os.path.dirname(__file__)\n",
    ".gitignore": "__pycache__/\n_built.py\n",
  });
  shop.commit(shop.main);
  const feature = shop.add("feature");
  await shop.json(feature, ["init"]);
  return { shop, feature, [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose]() };
}

describe("where a worktree lies", () => {
  test("is another file system: init, verify, and what git says of it", async () => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init"]);
    const disk = join(shop.rig.cwd, "disk");
    mkdirSync(disk);
    const script = `set -e
mount -t tmpfs none "$1"
git -C "$2" worktree add -q -b away "$1/away" 2>&1
mkdir "$1/away/deep" "$1/bind"
cd "$1/away/deep"
"$3" --quiet worktree init
"$3" worktree verify
cd ..
.venv/bin/python p3.py
stat -c %d . "$2" | uniq | wc -l
# A checkout may be a mount itself.
mount --bind "$1/away" "$1/bind"
cd "$1/bind/deep"
"$3" worktree status | grep Worktree
# What is mounted inside of a checkout is no part of it, for git neither.
mkdir "$2/data"
mount -t tmpfs none "$2/data"
cd "$2/data"
git status 2>&1 | grep -c 'not a git repository'
"$3" worktree status || echo "status $?"
`;
    const unshare = process.geteuid?.() === 0 ? ["unshare", "-m"] : ["unshare", "-rm"];
    const argv = [...unshare, "bash", "-c", script, "-", disk, shop.main, SKERRY] as unknown as [string, ...string[]];
    const { exitCode, stdout, stderr } = await shop.run(shop.rig.cwd, argv);
    expect({ exitCode, stderr, stdout }).toMatchObject({ exitCode: 0 });
    expect(stdout).not.toContain("FAIL");
    expect(stdout).toContain(`${disk}/away/src/shop 2.0\n2\n`);
    expect(stdout).toEndWith("\n1\nstatus 3\n");
    // The disk is gone with the namespace, and the worktree isn't locked.
    expect(await environments(shop)).toEqual(["shop"]);
  });

  test("is a disk that isn't attached: a locked one keeps its environment, whatever is run", async () => {
    await using shop = await Shop.make();
    const [away, stays] = [shop.add("away"), shop.add("stays")];
    for (const folder of [away, stays]) await shop.json(folder, ["init"]);
    git(shop.main, "worktree", "lock", "--reason", "on a stick", away);
    renameSync(away, join(shop.rig.tmp, "away"));
    await shop.worktree(shop.main, ["prune", "--all"]);
    await shop.run(stays, [SKERRY, "__hook", "bash", "more"]);
    await shop.rig.skerry(["gc"], { env: shop.env });
    await shop.rig.skerry(["doctor"], { env: shop.env });
    await shop.json(stays, ["init", "--force"]);
    renameSync(join(shop.rig.tmp, "away"), away);
    expect(await shop.json(away, ["init"])).toMatchObject({ done: "nothing" });
    expect((await typed(shop, away)).stdout).toBe(`${away}/src/shop 2.0\n`);
  });

  test("can't be looked at: nothing is taken for gone", async () => {
    await using shop = await Shop.make();
    const folder = join(shop.rig.cwd, "mount/feature");
    mkdirSync(join(shop.rig.cwd, "mount"));
    git(shop.main, "worktree", "add", "-q", folder);
    await shop.json(folder, ["init"]);
    // As a server that doesn't answer, or a folder that may not be entered just now.
    renameSync(join(shop.rig.cwd, "mount"), join(shop.rig.cwd, "unmounted"));
    symlinkSync("mount", join(shop.rig.cwd, "mount"));
    expect(await environments(shop)).toEqual(["shop-feature"]);
    rmSync(join(shop.rig.cwd, "mount"));
    renameSync(join(shop.rig.cwd, "unmounted"), join(shop.rig.cwd, "mount"));
    expect(await shop.json(folder, ["init"])).toMatchObject({ done: "nothing" });
  });

  test("has a name in one of the two forms of Unicode, or one that a shell would take apart", async () => {
    await using shop = await Shop.make();
    const names = ["caf\u00e9", "cafe\u0301", "-rf", "* $(touch x)", `'"\\`, "50%20off @ ${HOME}"];
    const folders = names.map((name, n) => {
      const folder = join(shop.rig.cwd, name);
      git(shop.main, "worktree", "add", "-q", "-b", `b${n}`, folder);
      return folder;
    });
    for (const folder of folders) {
      await shop.json(folder, ["init"]);
      const { stdout } = await shop.run(folder, ["sh", "-c", ". .venv/bin/activate && python p3.py"]);
      expect(stdout).toBe(`${folder}/src/shop 2.0\n`);
      expect(await shop.faults(folder)).toEqual([]);
    }
    expect((await environments(shop)).length).toBe(names.length);
    expect(readdirSync(shop.rig.cwd).sort()).toEqual([...names, "shop"].sort());
  });

  test("has a name that no installer can read: that is told, and nothing is made", async () => {
    await using shop = await Shop.make();
    for (const [n, name] of ["a #b", "x[dev]", "a;b", "end ", "tab\there"].entries()) {
      const folder = join(shop.rig.cwd, name);
      git(shop.main, "worktree", "add", "-q", "-b", `b${n}`, folder);
      const told = await shop.worktree(folder, ["init"]);
      expect(told).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("No project can be installed from") });
      expect(existsSync(join(folder, ".venv"))).toBe(false);
    }
  });
});

describe("a repository", () => {
  test("that was moved keeps each worktree's environment", async () => {
    await using shop = await Shop.make();
    const feature = shop.add("feature");
    for (const folder of [shop.main, feature]) await shop.json(folder, ["init"]);
    const moved = join(shop.rig.cwd, "moved shop");
    renameSync(shop.main, moved);
    expect(await shop.worktree(feature, ["init"])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining("git worktree repair"),
    });
    git(moved, "worktree", "repair");
    for (const folder of [moved, feature]) {
      const { done } = await shop.json<{ done: string }>(folder, ["init"]);
      expect(["synced", "repaired", "nothing"]).toContain(done);
      expect(await shop.faults(folder)).toEqual([]);
      expect((await typed(shop, folder)).stdout).toBe(`${folder}/src/shop 2.0\n`);
    }
    expect(await environments(shop)).toEqual(["shop", "shop-feature"]);
    git(moved, "worktree", "remove", "--force", feature);
    expect(await environments(shop)).toEqual(["shop"]);
  });

  test("that is a submodule, and a worktree of it, have one each, and know what is the other's", async () => {
    await using shop = await Shop.make();
    const outer = join(shop.rig.cwd, "outer");
    shop.write(outer, { README: "" });
    git(outer, "init", "-q");
    git(outer, "submodule", "--quiet", "add", shop.main, "lib");
    const lib = join(outer, "lib");
    const linked = join(shop.rig.cwd, "lib-feature");
    git(lib, "worktree", "add", "-q", "-b", "feature", linked);
    for (const folder of [lib, linked]) {
      expect(await shop.json(folder, ["init"])).toMatchObject({ done: "created" });
      expect(await shop.faults(folder)).toEqual([]);
      expect((await typed(shop, folder)).stdout).toBe(`${folder}/src/shop 2.0\n`);
    }
    expect(await environments(shop)).toEqual(["lib", "lib-lib-feature"]);
    const leak = ["pip", "install", "-q", "--no-deps", "--python", ".venv", "-e", lib] as const;
    expect((await shop.run(linked, ["uv", ...leak])).exitCode).toBe(0);
    expect(await shop.faults(linked)).toContain(`source of shop: it is imported from another worktree, ${lib}`);
    await repaired(shop, linked);
  });

  test("whose files git takes to be elsewhere is told", async () => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init"]);
    git(shop.main, "config", "core.worktree", shop.rig.tmp);
    expect(git(shop.main, "rev-parse", "--show-toplevel")).toBe(shop.rig.tmp);
    expect(await shop.faults(shop.main)).toEqual([
      `git: git takes the files of ${shop.rig.tmp} for its own (core.worktree)`,
    ]);
    git(shop.main, "config", "core.worktree", shop.main);
    expect(await shop.faults(shop.main)).toEqual([]);
  });

  test("whose worktrees are known by relative paths: what is another's is told as such", async () => {
    await using shop = await Shop.make();
    const [one, two] = [shop.add("one"), shop.add("two")];
    for (const name of ["one", "two"]) {
      writeFileSync(join(shop.rig.cwd, name, ".git"), `gitdir: ../shop/.git/worktrees/${name}\n`);
      writeFileSync(join(shop.main, ".git/worktrees", name, "gitdir"), `../../../../${name}/.git\n`);
    }
    for (const folder of [one, two]) expect(await shop.json(folder, ["init"])).toMatchObject({ done: "created" });
    expect(await environments(shop)).toEqual(["shop-one", "shop-two"]);
    const leak = ["pip", "install", "-q", "--no-deps", "--python", ".venv", "-e", two] as const;
    expect((await shop.run(one, ["uv", ...leak])).exitCode).toBe(0);
    expect(await shop.faults(one)).toContain(`source of shop: it is imported from another worktree, ${two}`);
    await repaired(shop, one);
  });
});

describe("git", () => {
  test("doesn't lead init elsewhere by the variables that it gives to hooks", async () => {
    await using shop = await Shop.make();
    const backend = readFileSync(join(shop.main, "backend/backend.py"), "utf8");
    shop.write(shop.main, {
      "backend/backend.py": `${backend}import subprocess\nopen(os.path.join(ROOT, "seen"), "w").write(subprocess.check_output(["git", "rev-parse", "--show-toplevel"], cwd=ROOT).decode() + repr([k for k in os.environ if k.startswith("GIT_")]))\n`,
      ".gitignore": "seen\n*.env\n",
      ".worktreeinclude": "*.env\n",
    });
    shop.commit(shop.main);
    shop.write(shop.main, { "a.env": "A=1\n" });
    // A user's own hook, that knows nothing of these variables.
    const log = join(shop.rig.tmp, "log");
    writeFileSync(
      join(shop.main, ".git/hooks/post-checkout"),
      `#!/bin/sh\nGIT_WORK_TREE=${shop.main} GIT_INDEX_FILE=/nowhere GIT_OBJECT_DIRECTORY=/nowhere ${SKERRY} worktree init >${log} 2>&1\n`,
      { mode: 0o755 },
    );
    const feature = join(shop.rig.cwd, "feature");
    const env = { GIT_DIR: join(shop.main, ".git") };
    const added = await shop.run(shop.main, ["git", "worktree", "add", "-q", "-b", "f", feature], env);
    expect({ ...added, log: readFileSync(log, "utf8") }).toMatchObject({ exitCode: 0 });
    const [toplevel, variables] = readFileSync(join(feature, "seen"), "utf8").split("\n");
    expect(toplevel).toBe(feature);
    expect(variables).not.toMatch(/GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY)/);
    expect(existsSync(join(feature, ".venv"))).toBe(true);
    expect(readFileSync(join(feature, "a.env"), "utf8")).toBe("A=1\n");
    expect(existsSync(join(shop.main, ".venv"))).toBe(false);
  });

  test("keeps a .venv in clean and stash, can remove it, and init makes it again", async () => {
    await using at = await withBuiltModule();
    const { shop, feature } = at;
    writeFileSync(join(feature, "new"), "");
    git(feature, "stash", "-q", "-u");
    git(feature, "clean", "-qfd");
    expect(await shop.faults(feature)).toEqual([]);
    // Whoever isn't root could remove nothing from a folder that is read-only.
    const folders = readdirSync(join(feature, ".venv"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(folders.length).toBeGreaterThan(5);
    expect(folders.filter((folder) => (lstatSync(folder).mode & 0o700) !== 0o700)).toEqual([]);
    git(feature, "clean", "-qfdx");
    expect(readdirSync(feature)).not.toContain(".venv");
    expect(await shop.json(feature, ["init"])).toMatchObject({ done: "created" });
    expect(await shop.faults(feature)).toEqual([]);
    git(shop.main, "worktree", "remove", feature);
    expect(existsSync(feature)).toBe(false);
  });

  test("removes a worktree as a user who isn't root", async () => {
    await using shop = await Shop.make();
    const feature = shop.add("feature");
    await shop.json(feature, ["init"]);
    const all = [shop.main, feature].map((folder) => `'${folder}'`).join(" ");
    const script = `chown -R 65534:65534 ${all} && chmod 777 . && exec setpriv --reuid 65534 --regid 65534 --clear-groups git -C ${shop.main} worktree remove ${feature}`;
    const parents = [shop.rig.root, shop.rig.cwd];
    await shop.run(shop.rig.cwd, ["chmod", "a+rx", ...parents]);
    const outcome =
      process.geteuid?.() === 0
        ? await shop.run(shop.rig.cwd, ["sh", "-c", script])
        : await shop.run(shop.main, ["git", "worktree", "remove", feature]);
    expect(outcome).toMatchObject({ exitCode: 0, stderr: "" });
    expect(existsSync(feature)).toBe(false);
  });

  test("that removed what a build had made beside the sources: it is told, and the repair makes it", async () => {
    await using at = await withBuiltModule();
    const { shop, feature } = at;
    git(feature, "clean", "-qfdx", "-e", ".venv");
    const { stdout } = await shop.worktree(feature, ["verify"]);
    expect(stdout).toContain("FAIL  import shop: No module named 'shop._built'\n");
    await repaired(shop, feature);
    // What was built of sources that have changed since is built again.
    writeFileSync(join(feature, "src/built.c"), "VALUE = 2\n");
    await shop.json(feature, ["init", "--force"]);
    const value = await shop.run(feature, [".venv/bin/python", "-c", "import shop; print(shop.VALUE)"]);
    expect(value.stdout).toBe("2\n");
  });
});

describe("a shell's leftovers", () => {
  test("don't lead init into a sibling's environment", async () => {
    await using shop = await Shop.make();
    const [one, two] = [shop.add("one"), shop.add("two")];
    await shop.json(one, ["init"]);
    const before = readdirSync(join(one, ".venv"), { recursive: true }).sort();
    shop.write(two, {
      "pyproject.toml": readFileSync(join(two, "pyproject.toml"), "utf8").replace("alpha>=1", "alpha<2"),
    });
    const leak = {
      VIRTUAL_ENV: join(one, ".venv"),
      PATH: `${one}/.venv/bin:${shop.env.PATH}`,
      PYTHONPATH: join(one, "src"),
      PYTHONHOME: "/nowhere",
      UV_PROJECT_ENVIRONMENT: join(one, ".venv"),
      PIP_TARGET: join(one, "target"),
    };
    expect(await shop.json(two, ["init"], leak)).toMatchObject({ done: "created" });
    expect((await typed(shop, two)).stdout).toBe(`${two}/src/shop 1.0\n`);
    expect((await typed(shop, one)).stdout).toBe(`${one}/src/shop 2.0\n`);
    expect(readdirSync(join(one, ".venv"), { recursive: true }).sort()).toEqual(before);
    const base = await shop.run(two, [".venv/bin/python", "-c", "import sys; print(sys.base_prefix)"]);
    expect(base.stdout).not.toContain(one);
  });
});

describe("a worktree that was moved", () => {
  test("imports nothing of what is now at its old place: verify tells, with Skerry and without, and init mends", async () => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init", "--entry", "p3.py"]);
    shop.commit(shop.main);
    const feature = shop.add("feature");
    await shop.json(feature, ["init"]);
    const there = join(shop.rig.cwd, "there");
    renameSync(feature, there);
    git(there, "worktree", "repair");
    shop.write(feature, { "src/shop/__init__.py": "import alpha\nPLACE = 'the wrong one'\n" });
    const { path } = newestPython();
    const alone = await shop.run(there, [path, "_skerry_entry.py", "verify"]);
    expect(alone).toMatchObject({ exitCode: 1, stdout: expect.stringContaining(`it is imported from ${feature}`) });
    expect((await shop.faults(there)).join("\n")).toContain(`was made as ${feature}/.venv, and moved or copied`);
    await shop.json(there, ["init"]);
    expect(await shop.faults(there)).toEqual([]);
    const { stdout } = await shop.run(there, [
      "sh",
      "-c",
      '. .venv/bin/activate && echo "$VIRTUAL_ENV" && python p3.py',
    ]);
    expect(stdout).toBe(`${there}/.venv\n${there}/src/shop 2.0\n`);
  });
});
