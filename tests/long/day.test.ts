import { expect, test } from "bun:test";
import { appendFileSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { git } from "../git/repository.ts";
import { addTrees, type DayTree, makeProject } from "../real/day-project.ts";
import { type Outcome, Rig } from "../rig/rig.ts";

const COUNT = 20;

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
  await using rig = await Rig.ordinary();
  const PYTHON = rig.python;
  const ok = async (running: Promise<Outcome>): Promise<string> => {
    const { exitCode, stdout, stderr } = await running;
    if (exitCode !== 0) throw new Error(`${exitCode}\n${stdout}${stderr}`);
    return stdout;
  };
  const download = ["-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d"];
  const bare = await makeProject(
    rig.cwd,
    (requirement, into) => {
      rig.giveAll();
      return ok(rig.run([PYTHON, ...download, into, requirement], { timeout: 300_000 }));
    },
    (archive, into) => ok(rig.run(["tar", "xzf", archive, "-C", into, "--strip-components=1"])),
  );

  // Twenty worktrees, made ready four at a time.
  const trees = await addTrees(bare, rig.cwd, "tree", COUNT);
  rig.giveAll();
  await each(trees, 4, ({ folder }) =>
    ok(rig.skerry(["worktree", "init", "--python", PYTHON, "--entry", "p3.py"], { cwd: folder, timeout: 300_000 })),
  );

  // A script finds its own, in all at once, in each of the three ways.
  const wanted = trees.map(({ module, attrs }) => `${module} ${attrs}\n`);
  const inAll = (start: (tree: DayTree) => Promise<Outcome>) => Promise.all(trees.map((tree) => ok(start(tree))));
  expect(await inAll(({ folder }) => rig.run([PYTHON, join(folder, "p3.py")]))).toEqual(wanted);
  await ok(rig.skerry(["shims", "install"]));
  const PATH = `${rig.home}/shims:${rig.env.PATH}`;
  expect(await inAll(({ folder }) => rig.run(["python", "plain.py"], { cwd: folder, env: { PATH } }))).toEqual(wanted);
  const hooked = 'eval "$("$SKERRY" hook bash)"; cd "$1"; __skerry_hook; python plain.py';
  expect(
    await inAll(({ folder }) => rig.run(["bash", "-c", hooked, "-", folder], { env: { SKERRY: rig.program } })),
  ).toEqual(wanted);

  // Its tests pass in each, from its own source; a fault in one is seen there and nowhere else.
  appendFileSync(trees[3]!.module, "\nraise RuntimeError('broken here')\n");
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
  await ok(rig.skerry(["install", ".", "attrs==25.3.0"], { cwd: trees[2]!.folder }));
  const after = await Promise.all(trees.map(({ folder }) => rig.run([PYTHON, join(folder, "p3.py")])));
  expect(after.map(({ stdout }) => stdout.trim().split(" ")[1])).toEqual(
    trees.map(({ attrs }, n) => (n === 2 ? "25.3.0" : n === 3 ? undefined : attrs)),
  );

  // They go, by git and by hand, and with the next command nothing of them is left.
  for (const [n, { folder }] of trees.entries()) {
    if (n % 2 === 0) git(bare, "worktree", "remove", "--force", folder);
    else rmSync(folder, { recursive: true });
  }
  expect(JSON.parse(await ok(rig.skerry(["ls", "--json"]))).environments).toEqual([]);
  expect(readdirSync(join(rig.home, "envs"))).toEqual([]);
  await ok(rig.skerry(["gc", "--all"]));
  const store = join(rig.home, "store/trees");
  expect(existsSync(store) ? readdirSync(store) : []).toEqual([]);
}, 900_000);
