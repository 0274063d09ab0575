import { expect, test } from "bun:test";
import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { git } from "../git/repository.ts";
import { newestPython, type Outcome, Rig } from "../rig/rig.ts";

/** A project of PyPI whose source archive has its tests, and what they need. */
const PROJECT = { name: "itsdangerous", version: "2.2.0", needs: ["pytest<9", "freezegun"] };
/** Versions of a package that nothing else requires: each worktree has one of them. */
const VERSIONS = ["25.3.0", "25.4.0", "24.2.0"];
const COUNT = 20;
const PYTHON = newestPython().path;

/** Does it for all, so many at a time. */
async function each<T, R>(all: readonly T[], atOnce: number, work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = [...all.entries()];
  const lane = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}

test("a day with twenty worktrees of a real project", async () => {
  await using rig = await Rig.make();
  const ok = async (running: Promise<Outcome>): Promise<string> => {
    const { exitCode, stdout, stderr } = await running;
    if (exitCode !== 0) throw new Error(`${exitCode}\n${stdout}${stderr}`);
    return stdout;
  };

  // Somebody's project, under git, cloned bare.
  const source = join(rig.cwd, "source");
  mkdirSync(source);
  const { name, version, needs } = PROJECT;
  const download = ["-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", source];
  await ok(rig.run([PYTHON, ...download, `${name}==${version}`], { timeout: 300_000 }));
  const archive = join(source, readdirSync(source)[0]!);
  await ok(rig.run(["tar", "xzf", archive, "-C", source, "--strip-components=1"]));
  rmSync(archive);
  appendFileSync(
    join(source, "pyproject.toml"),
    `\n[dependency-groups]\ndev = ${JSON.stringify([...needs, "attrs"])}\n`,
  );
  writeFileSync(join(source, "p3.py"), `import attr, ${name}\nprint(${name}.__file__, attr.__version__)\n`);
  git(source, "init", "-q");
  git(source, "add", "-A", "-f");
  git(source, "commit", "-qm", "begin");
  const bare = join(rig.cwd, `${name}.git`);
  git(rig.cwd, "clone", "-q", "--bare", source, bare);

  // Twenty worktrees, each with versions of its own, made ready four at a time.
  const trees = Array.from({ length: COUNT }, (_, n) => ({
    folder: join(rig.cwd, `tree-${n}`),
    attrs: VERSIONS[n % VERSIONS.length]!,
  }));
  for (const { folder, attrs } of trees) {
    git(bare, "worktree", "add", "-q", "-b", folder.split("/").at(-1)!, folder);
    const file = join(folder, "pyproject.toml");
    writeFileSync(file, (await Bun.file(file).text()).replace('"attrs"', `"attrs==${attrs}"`));
  }
  await each(trees, 4, ({ folder }) =>
    ok(rig.skerry(["worktree", "init", "--python", PYTHON, "--entry", "p3.py"], { cwd: folder, timeout: 300_000 })),
  );

  // The script finds its own from any Python, in all at once.
  const place = ({ folder }: { readonly folder: string }) => join(folder, `src/${name}/__init__.py`);
  const said = await Promise.all(trees.map(({ folder }) => ok(rig.run([PYTHON, join(folder, "p3.py")]))));
  expect(said).toEqual(trees.map((one) => `${place(one)} ${one.attrs}\n`));

  // Its tests pass in each, from its own source; a fault in one is seen there and nowhere else.
  appendFileSync(place(trees[3]!), "\nraise RuntimeError('broken here')\n");
  const tested = await each(trees, 2, ({ folder }) =>
    rig.run([join(folder, ".venv/bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"], {
      cwd: folder,
      timeout: 300_000,
    }),
  );
  expect(tested.map(({ stdout }) => /\d+ passed/.test(stdout))).toEqual(trees.map((_, n) => n !== 3));
  expect(tested[3]!.stdout + tested[3]!.stderr).toContain("broken here");
  const verified = await each(trees, 4, ({ folder }) => rig.skerry(["worktree", "verify"], { cwd: folder }));
  expect(verified.map(({ exitCode }) => exitCode)).toEqual(trees.map((_, n) => (n === 3 ? 1 : 0)));

  // An upgrade in one stays there.
  await ok(rig.skerry(["install", ".", "attrs==25.4.0"], { cwd: trees[2]!.folder }));
  const after = await Promise.all(trees.map(({ folder }) => rig.run([PYTHON, join(folder, "p3.py")])));
  expect(after.map(({ stdout }) => stdout.trim().split(" ")[1])).toEqual(
    trees.map(({ attrs }, n) => (n === 2 ? "25.4.0" : n === 3 ? undefined : attrs)),
  );

  // They go, by git and by hand, and nothing of them stays.
  for (const [n, { folder }] of trees.entries()) {
    if (n % 2 === 0) git(bare, "worktree", "remove", "--force", folder);
    else rmSync(folder, { recursive: true });
  }
  await ok(rig.skerry(["worktree", "prune"], { cwd: source }));
  expect(JSON.parse(await ok(rig.skerry(["ls", "--json"]))).environments).toEqual([]);
  expect(readdirSync(join(rig.home, "envs"))).toEqual([]);
  await ok(rig.skerry(["gc", "--all"]));
  const store = join(rig.home, "store/trees");
  expect(existsSync(store) ? readdirSync(store) : []).toEqual([]);
}, 900_000);
