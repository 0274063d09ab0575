import { afterAll, describe, expect, test } from "bun:test";
import { chownSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Worktree } from "../../src/git/believe.ts";
import { mainCheckout } from "../../src/git/worktree.ts";
import { listWorktrees } from "../../src/git/worktree-list.ts";
import { detectWorktree } from "./both.ts";
import { git, Repositories } from "./repository.ts";

const at = new Repositories();
afterAll(() => at[Symbol.dispose]());

const found = (folder: string, env = {}) => detectWorktree(folder, env) as Worktree;
const isRoot = process.geteuid?.() === 0;

describe("a .git entry", () => {
  test("may be a link, to a folder and to a file", () => {
    const folder = at.make("linked-folder", { README: "" });
    renameSync(join(folder, ".git"), join(at.root, "elsewhere.git"));
    symlinkSync("../elsewhere.git", join(folder, ".git"));
    // A link shows only one side: the other has to know of the checkout too.
    expect(detectWorktree(folder)).toMatchObject({ kind: "one-sided", root: folder });
    git(folder, "config", "core.worktree", folder);
    expect(found(folder)).toMatchObject({
      kind: "main",
      root: folder,
      gitDir: git(folder, "rev-parse", "--absolute-git-dir"),
    });
    const feature = at.add("linked-file");
    renameSync(join(feature, ".git"), join(at.root, "dot-git"));
    symlinkSync("../dot-git", join(feature, ".git"));
    expect(found(feature)).toMatchObject({ kind: "linked", root: feature, displaced: undefined });
  });

  test("may name its folder by a relative path, and be named so", () => {
    const feature = at.add("relative");
    const { gitDir } = found(feature);
    writeFileSync(join(feature, ".git"), "gitdir: ../app/.git/worktrees/relative\n");
    writeFileSync(join(gitDir, "gitdir"), "../../../../relative/.git\n");
    expect(found(feature)).toMatchObject({ kind: "linked", root: feature, gitDir, displaced: undefined });
    expect(listWorktrees(join(at.app, ".git"))).toContainEqual(
      expect.objectContaining({ root: feature, isGone: false, branch: "relative" }),
    );
    cpSync(feature, join(at.root, "relative-copy"), { recursive: true });
    expect(found(join(at.root, "relative-copy")).displaced).toBe("copy");
    renameSync(feature, join(at.root, "relative-moved"));
    expect(found(join(at.root, "relative-moved")).displaced).toBe("moved");
  });

  test("leads nowhere when the main checkout was moved, until git is told", () => {
    const main = at.make("to-move", { README: "" });
    const feature = join(at.root, "to-stay");
    git(main, "worktree", "add", "-q", feature);
    renameSync(main, join(at.root, "moved-main"));
    expect(detectWorktree(feature)).toMatchObject({ kind: "broken", root: feature });
    git(join(at.root, "moved-main"), "worktree", "repair");
    expect(found(feature)).toMatchObject({ kind: "linked", commonDir: join(at.root, "moved-main/.git") });
  });

  test("may have a branch that only git can tell: refs in a reftable", () => {
    const folder = at.make("reftable", { README: "" });
    writeFileSync(join(folder, ".git/HEAD"), "ref: refs/heads/.invalid\n");
    expect(found(folder)).toMatchObject({ kind: "main", branch: undefined });
  });
});

describe("settings of one worktree in config.worktree", () => {
  test("say that a repository is bare", () => {
    const folder = join(at.root, "hub");
    mkdirSync(folder);
    git(folder, "clone", "-q", "--bare", at.app, ".git");
    git(folder, "worktree", "add", "-q", "one", "main");
    // It moves core.bare from the common configuration.
    git(join(folder, "one"), "sparse-checkout", "set", "src");
    expect(readFileSync(join(folder, ".git/config.worktree"), "utf8")).toContain("bare = true");
    expect(detectWorktree(folder)).toMatchObject({ kind: "git-folder", root: folder });
    expect(mainCheckout(join(folder, ".git"))).toBeUndefined();
    expect(found(join(folder, "one"))).toMatchObject({ kind: "linked", root: join(folder, "one") });
  });

  test("say where the checkout of a submodule is", () => {
    const outer = at.make("outer", { README: "outer\n" });
    git(outer, "submodule", "--quiet", "add", at.app, "lib");
    const lib = join(outer, "lib");
    git(lib, "sparse-checkout", "set", "src");
    expect(readFileSync(join(outer, ".git/modules/lib/config.worktree"), "utf8")).toContain("worktree = ");
    expect(found(lib).kind).toBe("submodule");
    expect(mainCheckout(join(outer, ".git/modules/lib"))).toBe(lib);
  });
});

describe.skipIf(!isRoot)("a worktree of which something belongs to another user", () => {
  test.each(["checkout", ".git file", "git folder", "repository"])("is foreign: the %s", (what) => {
    const main = at.make(`theirs-${what}`, { README: "" });
    const feature = join(at.root, `their worktree-${what}`);
    git(main, "worktree", "add", "-q", "-b", "feature", feature);
    const { gitDir, commonDir } = found(feature);
    const path = { checkout: feature, ".git file": join(feature, ".git"), "git folder": gitDir, repository: commonDir }[
      what
    ]!;
    chownSync(path, 65_534, 65_534);
    expect(detectWorktree(feature)).toMatchObject({
      kind: "foreign",
      root: feature,
      reason: `${path} belongs to another user`,
    });
    chownSync(path, 0, 0);
    expect(found(feature).kind).toBe("linked");
  });

  test("isn't when root is that user through sudo", () => {
    const folder = at.make("sudo", { README: "" });
    chownSync(folder, 1234, 1234);
    const before = process.env.SUDO_UID;
    process.env.SUDO_UID = "1234";
    try {
      expect(found(folder).kind).toBe("main");
    } finally {
      if (before === undefined) delete process.env.SUDO_UID;
      else process.env.SUDO_UID = before;
    }
    expect(detectWorktree(folder)).toMatchObject({ kind: "foreign" });
  });
});

test("a worktree's git folder is the same wherever it lies, and goes when git forgets it", () => {
  const feature = at.add("lk--ünï");
  const { gitDir } = found(feature);
  mkdirSync(join(gitDir, "skerry"));
  const there = join(at.root, "there");
  git(at.app, "worktree", "move", feature, there);
  expect(found(there).gitDir).toBe(gitDir);
  rmSync(there, { recursive: true });
  expect(listWorktrees(join(at.app, ".git"))).toContainEqual(expect.objectContaining({ gitDir, isGone: true }));
  git(at.app, "worktree", "prune");
  expect(listWorktrees(join(at.app, ".git")).some((one) => one.gitDir === gitDir)).toBe(false);
});
