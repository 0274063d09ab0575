import { afterAll, describe, expect, test } from "bun:test";
import { chownSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identifyProject } from "../../src/git/identity.ts";
import { mainCheckout, repositoryName } from "../../src/git/worktree.ts";
import { listWorktrees } from "../../src/git/worktree-list.ts";
import { detectWorktree } from "./both.ts";
import { git, Repositories } from "./repository.ts";

// What an archive may hold, unpacked by its victim: everything belongs to the victim.
const at = new Repositories();
afterAll(() => at[Symbol.dispose]());

const victims = join(at.app, ".git");
const isRoot = process.geteuid?.() === 0;

/** An unpacked folder with these files. */
function unpack(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(at.root, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** A `.git` folder of its own, as git makes it, and what is changed in it. */
function unpackRepository(name: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = at.make(name, { "setup.py": "evil\n" });
  return unpack(
    name,
    Object.fromEntries(
      Object.entries(files).map(([path, text]) => [join(folder, path).slice(at.root.length + name.length + 2), text]),
    ),
  );
}

/** Nothing of the victim's repository is given away to a folder. */
function expectNothing(folder: string): void {
  const found = detectWorktree(folder);
  expect(found).not.toMatchObject({ commonDir: victims });
  expect(identifyProject(folder, folder).anchor.startsWith(at.app)).toBe(false);
}

describe("a folder that claims to be a checkout of another repository is believed nothing", () => {
  test("by commondir in a .git folder, absolute or relative", () => {
    for (const [n, commondir] of [victims, "../../app/.git", `${victims}/worktrees/..`].entries()) {
      const folder = unpackRepository(`common-${n}`, { ".git/commondir": `${commondir}\n` });
      expectNothing(folder);
      expect(detectWorktree(folder)).toMatchObject({ kind: "one-sided", root: folder });
    }
  });

  test("by a .git file or link that leads to the git folder of a checkout", () => {
    const file = unpack("by-file", { ".git": `gitdir: ${victims}\n`, "setup.py": "evil\n" });
    const link = unpack("by-link", { "setup.py": "evil\n" });
    symlinkSync("../app/.git", join(link, ".git"));
    for (const folder of [file, link]) {
      expectNothing(folder);
      expect(detectWorktree(folder)).toMatchObject({
        kind: "one-sided",
        reason: `its git folder ${victims} is that of ${at.app}`,
      });
    }
  });

  test("by a folder named worktrees of its own, whose commondir leads to another repository", () => {
    const folder = unpackRepository("own-list", { ".git/HEAD": "ref: refs/heads/main\n" });
    const gitDir = join(folder, ".git/worktrees/x");
    mkdirSync(gitDir, { recursive: true });
    writeFileSync(join(gitDir, "commondir"), victims);
    writeFileSync(join(gitDir, "HEAD"), "ref: refs/heads/main\n");
    const inner = unpack("own-list/inner", { ".git": "gitdir: ../.git/worktrees/x\n" });
    writeFileSync(join(gitDir, "gitdir"), join(inner, ".git"));
    expectNothing(inner);
    expect(detectWorktree(inner)).toMatchObject({ kind: "one-sided" });
  });

  test("by the git folder of a submodule, or one that lies elsewhere", () => {
    const outer = at.make("outer", { README: "" });
    git(outer, "submodule", "--quiet", "add", at.app, "lib");
    const modules = join(outer, ".git/modules/lib");
    const folder = unpack("as-submodule", { ".git": `gitdir: ${modules}\n` });
    expect(detectWorktree(folder)).toMatchObject({
      kind: "one-sided",
      reason: `its git folder ${modules} is that of ${join(outer, "lib")}`,
    });
    expect(detectWorktree(join(outer, "lib"))).toMatchObject({ kind: "submodule", commonDir: modules });
    expect(identifyProject(join(outer, "lib"), join(outer, "lib")).anchor).toBe(modules);
  });

  test("by the git folder of a linked worktree that is there, or isn't any more: it is displaced, and trusted for nothing", () => {
    const feature = at.add("feature");
    const gitDir = join(victims, "worktrees/feature");
    const folder = unpack("as-feature", { ".git": `gitdir: ${gitDir}\n` });
    expect(detectWorktree(folder)).toMatchObject({ displaced: "copy" });
    expect(identifyProject(folder, folder).anchor).toBe(folder);
    rmSync(feature, { recursive: true });
    expect(detectWorktree(folder)).toMatchObject({ displaced: "moved" });
    expect(identifyProject(folder, folder).anchor).toBe(folder);
    // A back link that is gone shows nothing either.
    rmSync(join(gitDir, "gitdir"));
    expect(detectWorktree(folder)).toMatchObject({ displaced: "moved" });
  });

  test("by claims that go round in circles", () => {
    const [one, two] = [at.make("round-one", { a: "" }), at.make("round-two", { a: "" })];
    for (const [from, to] of [
      [one, two],
      [two, one],
    ] as const) {
      renameSync(join(from, ".git"), `${from}.git`);
      writeFileSync(join(from, ".git"), `gitdir: ${from}.git\n`);
      writeFileSync(join(`${from}.git`, "config"), `[core]\n\tworktree = ${to}\n`);
    }
    expect([one, two].map((folder) => detectWorktree(folder)?.kind)).toEqual(["one-sided", "one-sided"]);
  });
});

describe("a repository that claims the checkouts of others", () => {
  test("lists them as taken, by a forged gitdir and by one of a copy", () => {
    const other = at.add("other");
    const forged = unpackRepository("claims", {});
    for (const [name, target] of [
      ["a", at.app],
      ["b", other],
    ] as const) {
      const gitDir = join(forged, ".git/worktrees", name);
      mkdirSync(gitDir, { recursive: true });
      writeFileSync(join(gitDir, "gitdir"), `${target}/.git\n`);
      writeFileSync(join(gitDir, "commondir"), "../..\n");
      writeFileSync(join(gitDir, "HEAD"), "ref: refs/heads/main\n");
    }
    const told = (folder: string) => listWorktrees(join(folder, ".git")).map(({ root, isTaken }) => [root, isTaken]);
    expect(told(forged)).toEqual([
      [forged, false],
      [at.app, true],
      [other, true],
    ]);
    const copy = join(at.root, "copy-of-app");
    cpSync(at.app, copy, { recursive: true });
    expect(told(copy)).toContainEqual([other, true]);
    expect(told(at.app)).toContainEqual([other, false]);
  });

  test("has no main checkout there, by core.worktree", () => {
    const forged = unpackRepository("elsewhere");
    writeFileSync(join(forged, ".git/config"), `[core]\n\tworktree = ${at.app}\n`);
    expect(mainCheckout(join(forged, ".git"))).toBeUndefined();
    expect(repositoryName(join(forged, ".git"))).toBe("elsewhere");
    expect(listWorktrees(join(forged, ".git"))).toEqual([]);
  });
});

test.skipIf(!isRoot)("a linked worktree is foreign where others can add to the repository's list of them", () => {
  const main = at.make("listed", { README: "" });
  const feature = join(at.root, "listed-feature");
  git(main, "worktree", "add", "-q", feature);
  chownSync(join(main, ".git/worktrees"), 65_534, 65_534);
  expect(detectWorktree(feature)).toMatchObject({ kind: "foreign" });
});

describe("the configuration of a repository is read as git reads it", () => {
  const TEXTS = [
    "[core] bare = true",
    "[core]\n\tbare",
    '[core "x"]\n\tbare = true',
    "[remote]\n\tbare = true\n[CORE]\nBare = Yes # why\n",
    "[core]\n\tbare = \\\ntrue\n",
    '[core]\n\tbare = "tr"ue ; c\n',
    "[core]\n\tbare = true\n\tbare = false\n",
    "[core]\n\tbare = 1\n",
    "[core]\n\tbare =\n",
    "\ufeff[core]\r\n\tbare = on\r\n",
    "[core]\n\tbare = false # \\\n\tbare = true\n",
    '[alias]\n\tx = "# \\\n  y"\n[core]\n\tbare = true\n',
    "[core]\n\tbare = tr\\\r\nue\n",
  ];

  test.each(TEXTS)("whether it is bare: %j", (text) => {
    const folder = at.make(`config-${TEXTS.indexOf(text)}`, { README: "" });
    writeFileSync(join(folder, ".git/config"), text);
    const isBare = git(folder, "config", "--type=bool", "--default=false", "--get", "core.bare") === "true";
    expect(detectWorktree(folder)?.kind).toBe(isBare ? "git-folder" : "main");
  });

  test("where its checkout is, with quotes, escapes and spaces in it", () => {
    const folder = at.make("con#fig", { README: "" });
    renameSync(join(folder, ".git"), join(at.root, "con fig.git"));
    const target = join(at.root, 'te "st\\');
    mkdirSync(target);
    writeFileSync(join(target, ".git"), "gitdir: ../con fig.git\n");
    git(at.root, "config", "--file", "con fig.git/config", "core.worktree", target);
    expect(readFileSync(join(at.root, "con fig.git/config"), "utf8")).toContain('\\"st');
    expect(detectWorktree(target)).toMatchObject({ kind: "separate", root: target });
  });
});
