import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { operation } from "../../src/core/operation.ts";
import { askCheckout } from "../../src/git/ask-checkout.ts";
import { checkoutAt, type Worktree } from "../../src/git/believe.ts";
import { firstChange } from "../../src/git/changes.ts";
import { installGitHook } from "../../src/worktrees/git-hook.ts";
import { git, Repositories } from "./repository.ts";

const at = new Repositories();
afterAll(() => at[Symbol.dispose]());

const ran = join(at.root, "ran");
const program = join(at.root, "program");
writeFileSync(program, `#!/bin/sh\necho "$0 $*" >>${ran}\n[ "$1" = cat ] && exec cat\nexit 1\n`, { mode: 0o755 });
const home = join(at.root, "home");
mkdirSync(home);

const env = { PATH: process.env.PATH, HOME: home };
const op = operation({});
const TREE = ["rev-parse", "--verify", "HEAD^{tree}"];

/** All that Skerry asks git about a checkout. @returns what has changed in it */
async function askAll(root: string): Promise<string | undefined> {
  const checkout = checkoutAt(root) as Worktree;
  const change = await firstChange(checkout, env, op);
  await askCheckout(checkout, TREE, env, op);
  await askCheckout(checkout, ["ls-files", "-z", "--others", "--ignored", "--exclude-from=/dev/null"], env, op);
  return change;
}

/** Git as the user types it, however it ends. */
function plainGit(root: string, ...args: string[]): void {
  spawnSync("git", ["-c", "protocol.file.allow=always", ...args], { cwd: root, env, timeout: 10_000, stdio: "ignore" });
}

/** Git has to read this file again to know whether it has changed. */
function touch(path: string): void {
  utimesSync(path, new Date(), new Date(Date.now() - 60_000));
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const FILTER = `[filter "x"]\n\tclean = ${program} cat\n\trequired = true\n`;
const ATTRIBUTES = "* filter=x\n";

/** What a repository has that runs a program as soon as git does what Skerry asks, and what has to be typed for that. */
const TRAPS: Record<string, { readonly set: (root: string) => void; readonly typed?: readonly string[] }> = {
  "a filter that cleans": { set: (root) => write(root, { ".git/info/attributes": ATTRIBUTES, ".git/config": FILTER }) },
  "a filter that goes on running": {
    set: (root) =>
      write(root, { ".git/info/attributes": ATTRIBUTES, ".git/config": FILTER.replace("clean", "process") }),
  },
  "a filter of a file that the configuration includes": {
    set: (root) =>
      write(root, {
        ".git/info/attributes": ATTRIBUTES,
        ".git/more": FILTER,
        ".git/config": "[include]\n\tpath = more\n",
      }),
  },
  "a filter of a file that it includes here only": {
    set: (root) =>
      write(root, {
        ".git/info/attributes": ATTRIBUTES,
        ".git/more": FILTER,
        ".git/config": `[includeIf "gitdir:${root}/"]\n\tpath = more\n`,
      }),
  },
  "a filter of the worktree's own configuration": {
    set: (root) => {
      write(root, { ".git/info/attributes": ATTRIBUTES, ".git/config.worktree": FILTER });
      git(root, "config", "extensions.worktreeConfig", "true");
    },
  },
  "attributes in a file of the configuration's": {
    set: (root) =>
      write(root, {
        ".git/attributes": ATTRIBUTES,
        ".git/config": `${FILTER}[core]\n\tattributesFile = ${root}/.git/attributes\n`,
      }),
  },
  "a filter that the user has set, which is a program of the project": {
    set: (root) => write(root, { ".git/info/attributes": ATTRIBUTES, "../home/.gitconfig": FILTER }),
  },
  "a monitor": { set: (root) => write(root, { ".git/config": `[core]\n\tfsmonitor = ${program}\n` }) },
  "a hook": {
    set: (root) => {
      write(root, { ".git/config": `[core]\n\thooksPath = own\n` });
      mkdirSync(join(root, "own"));
      symlinkSync(program, join(root, "own/post-index-change"));
      writeFileSync(join(root, ".git/info/exclude"), "own\n");
    },
  },
  "a transport that fetches what is missing": {
    set: (root) => {
      // Of the tree that HEAD has.
      const tree = git(root, "rev-parse", "HEAD^{tree}");
      rmSync(join(root, ".git/objects", tree.slice(0, 2), tree.slice(2)));
      write(root, {
        ".git/config": [
          "[core]\n\trepositoryformatversion = 1",
          "[extensions]\n\tpartialClone = origin",
          '[protocol "ext"]\n\tallow = always',
          `[remote "origin"]\n\tpromisor = true\n\turl = ext::${program}\n`,
        ].join("\n"),
      });
    },
  },
  "a filter of a submodule": {
    set: (root) => {
      git(root, "submodule", "--quiet", "add", at.app, "lib");
      git(root, "commit", "-qm", "lib");
      write(join(root, ".git/modules/lib"), { "info/attributes": ATTRIBUTES });
      git(join(root, "lib"), "config", "filter.x.clean", `${program} cat`);
      touch(join(root, "lib/README"));
    },
  },
  "a monitor of a submodule": {
    set: (root) => {
      git(root, "submodule", "--quiet", "add", at.app, "lib");
      git(root, "commit", "-qm", "lib");
      git(join(root, "lib"), "config", "core.fsmonitor", program);
    },
  },
  "a program that shows differences": {
    set: (root) => {
      write(root, { ".git/config": `[diff]\n\texternal = ${program}\n` });
      writeFileSync(join(root, "README"), "other\n");
    },
    typed: ["diff"],
  },
  "a program that makes text of files": {
    set: (root) => {
      write(root, {
        ".git/info/attributes": "* diff=x\n",
        ".git/config": `[diff "x"]\n\ttextconv = ${program}\n`,
      });
      writeFileSync(join(root, "README"), "other\n");
    },
    typed: ["diff"],
  },
  "a program that reaches other machines": {
    set: (root) =>
      write(root, {
        ".git/config": `[core]\n\tsshCommand = ${program}\n[remote "origin"]\n\turl = ssh://example.com/x\n`,
      }),
    typed: ["ls-remote", "origin"],
  },
};

describe("git that is asked about a checkout runs nothing that is configured:", () => {
  beforeEach(() => {
    rmSync(ran, { force: true });
    rmSync(join(home, ".gitconfig"), { force: true });
  });

  test.each(Object.keys(TRAPS))("%s", async (name) => {
    const root = at.make(`trap-${Object.keys(TRAPS).indexOf(name)}`, { README: "it\n" });
    const { set, typed = ["status"] } = TRAPS[name]!;
    set(root);
    touch(join(root, "README"));
    await askAll(root).catch((error) => expect(String(error)).toContain("git status failed"));
    const checkout = checkoutAt(root) as Worktree;
    // Where the hooks are kept outside of the git folder, it is refused.
    await installGitHook(checkout, env, op).catch(() => {});
    expect(existsSync(ran)).toBe(false);
    // Else this would show nothing.
    plainGit(root, ...typed);
    expect(existsSync(ran)).toBe(true);
  });

  test("and waits for no file that it names", async () => {
    const root = at.make("waits", { README: "it\n" });
    execFileSync("mkfifo", [join(root, ".git/more")]);
    write(root, {
      ".git/config": "[include]\n\tpath = more\n[core]\n\texcludesFile = more\n\tattributesFile = more\n",
    });
    expect(await askAll(root)).toBeUndefined();
    const checkout = checkoutAt(root) as Worktree;
    expect(await installGitHook(checkout, env, op)).toEqual({
      path: join(root, ".git/hooks/post-checkout"),
      changed: true,
    });
  });

  test.each([
    ["of the repository", "../outside"],
    ["of the repository, among branches", ".git/refs/heads"],
    ["of the repository, in its own folder", ".git/own"],
    ["of the repository, in the home folder", "~/hooks"],
    ["of the user", "~/hooks"],
  ])("and a hook is written where git looks for it, or nowhere: hooksPath %s", async (whose, value) => {
    const root = at.make(`hooks-${value.replace(/\W+/g, "-")}-${whose.length}`, { README: "it\n" });
    const config = `[core]\n\thooksPath = ${value}\n`;
    if (whose === "of the user") write(root, { "../home/.gitconfig": config });
    else write(root, { ".git/config": config });
    const folder = resolve(root, value.replace("~", home));
    const told = await installGitHook(checkoutAt(root) as Worktree, env, op).catch(String);
    if (value === ".git/own") expect(told).toEqual({ path: join(folder, "post-checkout"), changed: true });
    else expect(told).toContain(`core.hooksPath leads to ${folder}, which is no place for hooks`);
    expect(existsSync(join(folder, "post-checkout"))).toBe(value === ".git/own");
    expect(existsSync(join(root, ".git/hooks/post-checkout"))).toBe(false);
  });

  test("and leaves nothing behind", async () => {
    const before = readdirSync(at.root);
    const tmp = process.env.TMPDIR;
    process.env.TMPDIR = at.root;
    await askAll(at.app).finally(() => {
      if (tmp === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = tmp;
    });
    expect(readdirSync(at.root)).toEqual(before);
  });
});

describe("what git says of a checkout", () => {
  beforeEach(() => rmSync(join(home, ".gitconfig"), { force: true }));

  test.each(["sha1", "sha256"])("is of that checkout, also of a linked worktree, with names of %s", async (format) => {
    const root = at.make(`said-${format}`, { README: "it\n", ".gitignore": "ignored\n" });
    if (format === "sha256") {
      rmSync(join(root, ".git"), { recursive: true });
      git(root, "init", "-q", "--object-format=sha256");
      git(root, "add", "-A");
      git(root, "commit", "-qm", "begin");
    }
    const linked = join(at.root, `linked-${format}`);
    git(root, "worktree", "add", "-q", linked);
    writeFileSync(join(root, ".git/info/exclude"), "excluded\n");
    for (const folder of [root, linked]) {
      write(folder, { ignored: "", excluded: "" });
      touch(join(folder, "README"));
      expect(await askAll(folder)).toBeUndefined();
      const told = await askCheckout(checkoutAt(folder) as Worktree, TREE, env, op);
      expect(told.trim()).toBe(git(folder, "rev-parse", "HEAD^{tree}"));
      write(folder, { new: "" });
      expect(await askAll(folder)).toBe("new");
    }
    git(root, "pack-refs", "--all");
    git(root, "gc", "-q");
    expect(await askAll(root)).toBe("new");
  });

  test("leaves out what the user ignores everywhere", async () => {
    const root = at.make("own-ignore", { README: "it\n" });
    write(root, { ".idea/x": "" });
    expect(await askAll(root)).toBe(".idea/");
    write(home, { ".gitconfig": "[core]\n\texcludesFile = ~/ignored\n", ignored: ".idea\n" });
    expect(await askAll(root)).toBeUndefined();
  });

  const HIDES: Record<string, (root: string) => void> = {
    "core.worktree, which leads to a copy that has no changes": (root) => {
      const clean = join(at.root, "clean");
      execFileSync("cp", ["-rp", root, clean]);
      git(root, "config", "core.worktree", clean);
      write(root, { README: "other\n" });
    },
    "status.showUntrackedFiles": (root) => {
      git(root, "config", "status.showUntrackedFiles", "no");
      write(root, { new: "" });
    },
    "core.excludesFile": (root) => {
      write(root, { ".git/all": "*\n", new: "" });
      git(root, "config", "core.excludesFile", join(root, ".git/all"));
    },
    "a filter that gives back what was committed": (root) => {
      write(root, { ".git/info/attributes": ATTRIBUTES, README: "other\n" });
      git(root, "config", "filter.x.clean", "echo it");
    },
    "a monitor that says that nothing has changed": (root) => {
      git(root, "config", "core.fsmonitor", "printf 'x\\0';:");
      git(root, "status");
      write(root, { README: "other\n" });
    },
    "a submodule that .gitmodules says to ignore": (root) => {
      git(root, "submodule", "--quiet", "add", at.app, "lib");
      git(root, "config", "--file", ".gitmodules", "submodule.lib.ignore", "all");
      git(root, "add", ".gitmodules");
      git(root, "commit", "-qm", "lib");
      write(root, { "lib/README": "other\n" });
    },
    "a submodule of another commit": (root) => {
      git(root, "submodule", "--quiet", "add", at.app, "lib");
      git(root, "config", "--file", ".gitmodules", "submodule.lib.ignore", "all");
      git(root, "add", ".gitmodules");
      git(root, "commit", "-qm", "lib");
      git(join(root, "lib"), "commit", "-q", "--allow-empty", "-m", "x");
    },
    "a submodule whose .git is gone": (root) => {
      git(root, "submodule", "--quiet", "add", at.app, "lib");
      git(root, "commit", "-qm", "lib");
      rmSync(join(root, "lib/.git"));
    },
  };

  test.each(Object.keys(HIDES))("has the changes that are hidden by %s", async (how) => {
    const root = at.make(`hides-${Object.keys(HIDES).indexOf(how)}`, { README: "it\n" });
    expect(await askAll(root)).toBeUndefined();
    HIDES[how]!(root);
    expect(await askAll(root)).toBeString();
  });

  test("names no other tree for one that was replaced", async () => {
    const root = at.make("replaced", { README: "it\n" });
    const known = git(root, "rev-parse", "HEAD^{tree}");
    write(root, { README: "other\n" });
    git(root, "commit", "-qam", "other");
    const other = git(root, "rev-parse", "HEAD^{tree}");
    git(root, "checkout", "-q", "HEAD~");
    git(root, "replace", known, other);
    write(root, { README: "other\n" });
    git(root, "add", "-A");
    // Git itself takes it so.
    expect(git(root, "status", "--porcelain")).toBe("");
    expect(git(root, "rev-parse", "HEAD^{tree}")).toBe(known);
    expect(await askAll(root)).toBe("README");
  });
});
