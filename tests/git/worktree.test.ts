import { afterAll, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { chownSync, cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NoWorktree, Worktree } from "../../src/git/believe.ts";
import { mainCheckout, repositoryName } from "../../src/git/worktree.ts";
import { listWorktrees } from "../../src/git/worktree-list.ts";
import { detectWorktree } from "./both.ts";
import { git, Repositories } from "./repository.ts";

const at = new Repositories();
afterAll(() => at[Symbol.dispose]());

/** What of a detection git tells too. */
function agrees(folder: string): Worktree {
  const found = detectWorktree(folder) as Worktree;
  expect({ root: found.root, gitDir: found.gitDir, commonDir: found.commonDir }).toEqual({
    root: git(folder, "rev-parse", "--show-toplevel"),
    gitDir: git(folder, "rev-parse", "--absolute-git-dir"),
    commonDir: git(folder, "rev-parse", "--path-format=absolute", "--git-common-dir"),
  });
  return found;
}

describe("a worktree is found as git finds it", () => {
  test("the main checkout, from any folder in it", () => {
    mkdirSync(join(at.app, "src/deep"), { recursive: true });
    expect(agrees(join(at.app, "src/deep"))).toMatchObject({ kind: "main", branch: "main", displaced: undefined });
    expect(repositoryName(join(at.app, ".git"))).toBe("app");
  });

  test("a linked one, with spaces, a line break and other letters in its path", () => {
    const folder = at.add("lk ü\nñ", "feature/one");
    expect(agrees(folder)).toMatchObject({ kind: "linked", branch: "feature/one" });
    expect(mainCheckout(join(at.app, ".git"))).toBe(at.app);
  });

  test("a linked one through a symbolic link", () => {
    const folder = at.add("target");
    symlinkSync(folder, join(at.root, "link"));
    expect(agrees(join(at.root, "link")).root).toBe(folder);
  });

  test("one inside of another is the inner one", () => {
    const inner = join(at.app, "inner");
    git(at.app, "worktree", "add", "-q", "-b", "inner", inner);
    expect(agrees(inner)).toMatchObject({ kind: "linked", root: inner, branch: "inner" });
    git(at.app, "worktree", "remove", "inner");
  });

  test("detached, and in the middle of a rebase", () => {
    const folder = at.add("rebased");
    git(folder, "checkout", "-q", "--detach");
    expect(agrees(folder).branch).toBeUndefined();
    git(folder, "checkout", "-q", "rebased");
    writeFileSync(join(folder, "README"), "ours\n");
    git(folder, "commit", "-qam", "ours");
    writeFileSync(join(at.app, "README"), "theirs\n");
    git(at.app, "commit", "-qam", "theirs");
    expect(() => git(folder, "rebase", "main")).toThrow();
    expect(agrees(folder).branch).toBe("rebased");
  });

  test("worktrees of a bare repository, which is no checkout itself", () => {
    const bare = join(at.root, "shop.git");
    git(at.root, "clone", "-q", "--bare", at.app, bare);
    git(bare, "worktree", "add", "-q", "../shop-one", "main");
    expect(agrees(join(at.root, "shop-one"))).toMatchObject({ kind: "linked", commonDir: bare });
    expect(detectWorktree(bare)).toMatchObject({ kind: "git-folder", root: bare });
    expect([mainCheckout(bare), repositoryName(bare)]).toEqual([undefined, "shop"]);
  });

  test("worktrees beside a bare repository in .bare, which a .git file names", () => {
    const folder = join(at.root, "hub");
    mkdirSync(folder);
    git(folder, "clone", "-q", "--bare", at.app, ".bare");
    writeFileSync(join(folder, ".git"), "gitdir: ./.bare\r\n");
    expect(detectWorktree(folder)).toMatchObject({ kind: "git-folder", root: folder });
    git(folder, "worktree", "add", "-q", "two", "main");
    expect(agrees(join(folder, "two")).kind).toBe("linked");
    expect(repositoryName(join(folder, ".bare"))).toBe("hub");
  });

  test("a submodule, a worktree of it, and a checkout whose git folder lies elsewhere", () => {
    const outer = at.make("outer", { README: "outer\n" });
    git(outer, "submodule", "--quiet", "add", at.app, "lib");
    expect(agrees(join(outer, "lib"))).toMatchObject({ kind: "submodule" });
    expect(mainCheckout(join(outer, ".git/modules/lib"))).toBe(join(outer, "lib"));
    git(join(outer, "lib"), "worktree", "add", "-q", "-b", "sub", join(at.root, "sub"));
    expect(agrees(join(at.root, "sub")).kind).toBe("linked");
    git(at.root, "init", "-q", "--separate-git-dir", join(at.root, "apart.git"), join(at.root, "apart"));
    const apart = detectWorktree(join(at.root, "apart"));
    expect(apart).toMatchObject({ kind: "one-sided", reason: expect.stringContaining("doesn't know of it") });
    const [, told] = /: (git config .*)$/.exec((apart as NoWorktree).hint!)!;
    execFileSync("sh", ["-c", told!]);
    expect(agrees(join(at.root, "apart")).kind).toBe("separate");
  });

  test("variables that hooks are started with don't count; ceilings do", () => {
    const env = { GIT_DIR: "/nowhere", GIT_WORK_TREE: "/", GIT_CEILING_DIRECTORIES: at.root };
    mkdirSync(join(at.root, "plain/deep"), { recursive: true });
    expect(detectWorktree(at.app, env)).toMatchObject({ kind: "main", root: at.app });
    expect(detectWorktree(join(at.root, "plain/deep"), env)).toBeUndefined();
  });
});

describe("what only looks like a worktree", () => {
  test("a .git folder without a repository is passed over, a .git file that leads nowhere is told", () => {
    mkdirSync(join(at.app, "sub/.git"), { recursive: true });
    expect(detectWorktree(join(at.app, "sub"))).toMatchObject({ kind: "main", root: at.app });
    writeFileSync(join(at.app, "sub/x"), "");
    rmSync(join(at.app, "sub"), { recursive: true });
    for (const text of ["gitdir:/no/space", "gitdir: /nowhere/at/all", "", "x".repeat(2 << 20)]) {
      mkdirSync(join(at.app, "broken"), { recursive: true });
      writeFileSync(join(at.app, "broken/.git"), text);
      expect(detectWorktree(join(at.app, "broken"))).toMatchObject({ kind: "broken", root: join(at.app, "broken") });
    }
    rmSync(join(at.app, "broken"), { recursive: true });
  });

  test("one that was moved without git, and a copy of one that is there still", () => {
    const folder = at.add("before");
    cpSync(folder, join(at.root, "copied"), { recursive: true });
    expect(detectWorktree(join(at.root, "copied"))).toMatchObject({ kind: "linked", displaced: "copy" });
    expect(agrees(folder).displaced).toBeUndefined();
    renameSync(folder, join(at.root, "after"));
    expect(detectWorktree(join(at.root, "after"))).toMatchObject({ kind: "linked", displaced: "moved" });
    git(join(at.root, "after"), "worktree", "repair");
    expect(agrees(join(at.root, "after")).displaced).toBeUndefined();
  });

  test.skipIf(process.geteuid?.() !== 0)("another user's", () => {
    const folder = at.make("theirs", { README: "theirs\n" });
    chownSync(join(folder, ".git"), 1234, 1234);
    expect(detectWorktree(folder)).toMatchObject({ kind: "foreign", root: folder });
  });
});

test("a repository's worktrees are listed with what became of them", () => {
  const repository = at.make("many", { README: "many\n" });
  const add = (name: string) => git(repository, "worktree", "add", "-q", "-b", name, join(at.root, name));
  for (const name of ["kept", "gone", "away"]) add(name);
  git(repository, "worktree", "lock", "--reason", "on a stick", join(at.root, "away"));
  for (const name of ["gone", "away"]) rmSync(join(at.root, name), { recursive: true });
  const listed = listWorktrees(join(repository, ".git"));
  const told = listed.map(({ root, isMain, branch, locked, isGone }) => ({ root, isMain, branch, locked, isGone }));
  const linked = { isMain: false, locked: undefined, isGone: false };
  expect(told).toEqual([
    { ...linked, root: repository, isMain: true, branch: "main" },
    { ...linked, root: join(at.root, "away"), branch: "away", locked: "on a stick", isGone: true },
    { ...linked, root: join(at.root, "gone"), branch: "gone", isGone: true },
    { ...linked, root: join(at.root, "kept"), branch: "kept" },
  ]);
});
