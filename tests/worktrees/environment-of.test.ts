import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { ENTRY_SCRIPT } from "../../src/worktrees/entry-script.ts";
import { SHELLS, type Shell, Typist } from "../cli/typist.ts";
import { git } from "../git/repository.ts";
import { Rig } from "../rig/rig.ts";

/** What a folder has: the prefix of an environment, nothing, or one that isn't what it says and is refused. */
type Answer = string | "none" | "refused";
const REFUSED = "refused";
const NONE = "none";

/** A folder of a rig in which a case is laid out. */
class Ground {
  readonly rig: Rig;
  readonly #within: string;
  readonly answers = new Map<string, Answer>();
  /** Those of the environments, by name. */
  readonly prefixes = new Map<string, string>();

  constructor(rig: Rig, within: string) {
    this.rig = rig;
    this.#within = within;
  }

  at(path: string): string {
    return join(this.rig.cwd, this.#within, path);
  }

  /** Makes a folder. @returns it */
  folder(path: string): string {
    mkdirSync(this.at(path), { recursive: true });
    return this.at(path);
  }

  /** Makes a repository with one commit. @returns its folder */
  repository(path: string): string {
    const folder = this.folder(path);
    git(folder, "init", "-q");
    git(folder, "commit", "-q", "--allow-empty", "-m", "one");
    return folder;
  }

  /** Makes the environment of a folder. @returns its prefix */
  async environment(folder: string): Promise<string> {
    const made = await this.rig.skerry(["create", "--prefix", ".venv", "--python", this.rig.python], { cwd: folder });
    if (made.exitCode !== 0) throw new Error(made.stderr);
    const prefix = join(folder, ".venv");
    this.prefixes.set(made.stdout.trim(), prefix);
    return prefix;
  }

  /** Lets a folder have an answer. */
  has(folder: string, answer: Answer): void {
    this.answers.set(folder, answer);
  }
}

const PREFIX = "import sys; print(sys.prefix)";
/** Not the user who runs the tests, nor the ordinary one. */
const OTHER = 54_321;
const isRoot = process.geteuid?.() === 0;

/** Lays out folders and says what each of them has. */
type Case = (on: Ground) => Promise<void>;

const CASES: Readonly<Record<string, Case>> = {
  "a folder without git, and one below": async (on) => {
    const folder = on.folder("plain");
    const own = await on.environment(folder);
    on.has(folder, own);
    on.has(on.folder("plain/a/b"), own);
    on.has(on.folder("beside"), NONE);
  },
  "a checkout, a nested repository, and one with its own": async (on) => {
    const main = on.repository("main");
    const outer = await on.environment(main);
    on.has(on.folder("main/src"), outer);
    on.has(on.repository("main/inner"), NONE);
    const own = on.repository("main/own");
    on.has(own, await on.environment(own));
    on.has(on.folder("main/own/deep"), join(own, ".venv"));
    // Git passes over it as well.
    mkdirSync(join(on.folder("main/empty"), ".git"));
    on.has(on.at("main/empty"), outer);
    const nearer = on.folder("main/part");
    on.has(nearer, await on.environment(nearer));
  },
  "a .git that git passes over: a pipe, a link in a circle": async (on) => {
    const main = on.repository("main");
    const own = await on.environment(main);
    await on.rig.run(["mkfifo", join(on.folder("main/pipe"), ".git")]);
    symlinkSync(".git", join(on.folder("main/circle"), ".git"));
    for (const name of ["pipe", "circle"]) on.has(on.at(`main/${name}`), own);
  },
  "a worktree inside of the main checkout, and one beside": async (on) => {
    const main = on.repository("main");
    on.has(main, await on.environment(main));
    for (const path of ["main/.worktrees/f", "beside"]) {
      git(main, "worktree", "add", "-q", "-b", `b-${path.length}`, on.at(path));
      on.has(on.at(path), NONE);
      on.has(on.folder(`${path}/src`), NONE);
    }
  },
  "a submodule": async (on) => {
    const other = on.repository("other");
    const main = on.repository("main");
    on.has(main, await on.environment(main));
    git(main, "submodule", "--quiet", "add", other, "sub");
    on.has(on.at("main/sub"), NONE);
  },
  "worktrees of a bare repository around them": async (on) => {
    const made = on.repository("made");
    git(on.folder("hub"), "clone", "-q", "--bare", made, ".bare");
    writeFileSync(on.at("hub/.git"), "gitdir: ./.bare\n");
    for (const name of ["one", "two"]) git(on.at("hub"), "worktree", "add", "-q", "-b", name, on.at(`hub/${name}`));
    on.has(on.at("hub"), await on.environment(on.at("hub")));
    on.has(on.at("hub/one"), await on.environment(on.at("hub/one")));
    on.has(on.at("hub/two"), NONE);
  },
  "a checkout that was moved, or copied": async (on) => {
    const main = on.repository("outer/main");
    const outer = await on.environment(on.at("outer"));
    on.has(on.at("outer"), outer);
    await on.environment(main);
    renameSync(main, on.at("outer/moved"));
    on.has(on.folder("outer/moved/src"), REFUSED);
    const kept = on.repository("kept");
    await on.environment(kept);
    for (const copy of ["copy", "outer/copy"]) {
      cpSync(kept, on.at(copy), { recursive: true, verbatimSymlinks: true });
      on.has(on.at(copy), REFUSED);
    }
    // Also where an environment lies above, and no repository between.
    cpSync(join(kept, ".venv"), join(on.folder("outer/part"), ".venv"), { recursive: true, verbatimSymlinks: true });
    on.has(on.at("outer/part"), REFUSED);
  },
  "a folder that a link leads to, and one that was replaced by a link": async (on) => {
    const main = on.repository("main");
    const own = await on.environment(main);
    on.folder("main/src");
    symlinkSync(main, on.at("link"));
    symlinkSync(join(main, "src"), on.at("deep"));
    on.has(on.at("link"), own);
    on.has(on.at("link/src"), own);
    on.has(on.at("deep"), own);
    const before = on.repository("before");
    await on.environment(before);
    renameSync(before, on.at("after"));
    symlinkSync(on.at("after"), before);
    on.has(on.at("after"), on.at("after/.venv"));
    on.has(before, on.at("after/.venv"));
  },
  "a .venv that is a link, another tool's, or nothing of the kind": async (on) => {
    const main = on.repository("main");
    const own = await on.environment(main);
    const other = on.repository("other");
    symlinkSync(own, join(other, ".venv"));
    on.has(other, REFUSED);
    const aside = on.repository("aside");
    await on.environment(aside);
    renameSync(join(aside, ".venv"), on.at("kept"));
    symlinkSync(on.at("kept"), join(aside, ".venv"));
    on.has(aside, REFUSED);
    const foreign = on.folder("main/foreign");
    await on.rig.run([on.rig.python, "-m", "venv", "--without-pip", ".venv"], { cwd: foreign });
    on.has(foreign, own);
    const brought = on.folder("main/brought/.venv");
    writeFileSync(join(brought, "skerry.json"), '{"id":"0123456789abcdefghij"}');
    on.has(dirname(brought), own);
  },
  "an environment that was removed, also by hand": async (on) => {
    const main = on.repository("main");
    await on.environment(main);
    cpSync(join(main, ".venv"), on.at("kept"), { recursive: true, verbatimSymlinks: true });
    await on.rig.skerry(["rm", "."], { cwd: main });
    on.has(main, NONE);
    const back = on.repository("back");
    cpSync(on.at("kept"), join(back, ".venv"), { recursive: true, verbatimSymlinks: true });
    on.has(back, NONE);
    const hand = on.repository("hand");
    await on.environment(hand);
    rmSync(join(hand, ".venv"), { recursive: true });
    on.has(hand, NONE);
  },
  "a folder that all users share": async (on) => {
    const shared = on.folder("shared");
    on.has(shared, await on.environment(shared));
    on.has(on.folder("shared/mine/deep"), NONE);
    on.has(on.repository("shared/repo"), NONE);
    chmodSync(shared, 0o1777);
  },
};

/** Those of which a user has but one. */
const HOMES: Readonly<Record<string, Case>> = {
  "the home folder, without git": async (on) => {
    const home = on.rig.user;
    const own = await on.environment(home);
    on.has(home, own);
    mkdirSync(join(home, "docs/deep"), { recursive: true });
    on.has(join(home, "docs"), NONE);
    on.has(join(home, "docs/deep"), NONE);
  },
  "the home folder as a repository": async (on) => {
    const home = on.rig.user;
    git(home, "init", "-q");
    const own = await on.environment(home);
    on.has(home, own);
    mkdirSync(join(home, "docs/deep"), { recursive: true });
    on.has(join(home, "docs/deep"), own);
  },
};

/** Those that only root can lay out. */
const OWNERS: Readonly<Record<string, Case>> = {
  "an own folder in somebody else's": async (on) => {
    const theirs = on.folder("theirs");
    const own = await on.environment(theirs);
    on.has(theirs, own);
    on.has(on.folder("theirs/mine"), NONE);
    const repository = on.repository("repo");
    await on.environment(repository);
    on.has(on.folder("repo/mine"), NONE);
    for (const folder of [theirs, repository]) {
      chownSync(folder, OTHER, OTHER);
      chmodSync(folder, 0o777);
    }
  },
  "a .venv of somebody else": async (on) => {
    const main = on.folder("main");
    const own = await on.environment(main);
    const part = on.folder("main/part");
    const taken = await on.environment(part);
    chownSync(taken, OTHER, OTHER);
    on.has(part, REFUSED);
    on.has(on.folder("main/part/deep"), REFUSED);
    on.has(main, own);
  },
};

/** A way to ask what a folder has; "" for a way that tells no refusal from nothing. */
type Way = (on: Ground, folder: string) => Promise<Answer | "">;

const WAYS: Readonly<Record<string, Way>> = {
  operand: async ({ rig }, folder) => {
    const { exitCode, stdout } = await rig.skerry(["show", ".", "--json"], { cwd: folder });
    return exitCode !== 0 ? refusal(stdout) : JSON.parse(stdout).environment.spec.prefix;
  },
  exec: async ({ rig }, folder) => {
    const { stdout, stderr } = await rig.skerry(["exec", ".", "--", "python", "-c", PREFIX], { cwd: folder });
    return stdout === "" ? refusal(stderr) : stdout.trimEnd();
  },
  completion: async (on, folder) => {
    const { stdout } = await on.rig.skerry(["__complete", "--", "show", ""], { cwd: folder });
    const name = /^\.\t([^,]+), the environment of this folder$/m.exec(stdout)?.[1];
    return name === undefined ? "" : (on.prefixes.get(name) ?? `? ${name}`);
  },
  task: async ({ rig }, folder) => {
    const { stdout, stderr } = await rig.skerry(["task", "where"], { cwd: folder });
    return stdout === "" ? refusal(stderr) : stdout.startsWith(rig.home) ? NONE : stdout.trimEnd();
  },
  shim: async ({ rig }, folder) => {
    const env = { PATH: `${rig.home}/shims:${dirname(rig.python)}:${rig.env.PATH}` };
    const { stdout, stderr } = await rig.run(["python", "-c", PREFIX], { cwd: folder, env });
    return prefixOr(stdout, stderr);
  },
  entry: async ({ rig }, folder) => {
    const { stdout, stderr } = await rig.run([rig.python, join(folder, "where.py")], { cwd: rig.tmp });
    return prefixOr(stdout, stderr);
  },
};

function refusal(told: string): Answer {
  if (told.includes("There is no environment of this folder, ")) return NONE;
  return told.includes("There is no environment of this folder: ") ? REFUSED : `? ${told}`;
}

/** What a Python says of itself where it is either an environment's or one that anybody has. */
function prefixOr(stdout: string, stderr: string): Answer {
  if (stdout.endsWith("/.venv\n")) return stdout.trimEnd();
  return stderr.includes("is not used") ? REFUSED : stderr === "" ? NONE : `? ${stderr}`;
}

/** What is asked in a folder where anything may be written. */
async function furnish({ rig }: Ground, folder: string): Promise<void> {
  writeFileSync(join(folder, "_skerry_entry.py"), ENTRY_SCRIPT);
  writeFileSync(join(folder, "where.py"), `if __name__ == "__main__": import _skerry_entry\n${PREFIX}\n`);
  writeFileSync(join(folder, "skerry.toml"), `[tasks]\nwhere = ["python", "-c", ${JSON.stringify(PREFIX)}]\n`);
  expect(await rig.skerry(["trust", "--yes"], { cwd: folder })).toMatchObject({ exitCode: 0 });
}

/** Lays cases out, and asks in every way in each of their folders. */
async function hold(cases: Readonly<Record<string, Case>>): Promise<void> {
  await using rig = await Rig.make();
  const grounds: [string, Ground][] = [];
  for (const [what, make] of Object.entries(cases)) {
    const on = new Ground(rig, `${grounds.length}`);
    await make(on);
    grounds.push([what, on]);
  }
  const asked = grounds.flatMap(([what, on]) =>
    [...on.answers].map(([folder, answer]) => ({ what, on, folder, answer })),
  );
  const expected: Record<string, Answer> = {};
  const found: Record<string, Answer> = {};
  const note = (way: string, { what, folder, answer }: (typeof asked)[number], told: Answer | "") => {
    const key = `${what}: ${relative(rig.root, folder)} by ${way}`;
    expected[key] = answer;
    found[key] = told === "" ? (answer === REFUSED ? REFUSED : NONE) : withoutLinks(told);
  };
  await rig.skerry(["shims", "install"]);
  for (const one of asked) {
    await furnish(one.on, one.folder);
    await Promise.all(Object.entries(WAYS).map(async ([way, ask]) => note(way, one, await ask(one.on, one.folder))));
  }
  const ask = async (shell: Shell) => {
    const env = { ...rig.env, SKERRY_AUTO_SYNC: "never" };
    using typist = await Typist.start({ rig, env }, shell, { cwd: "/" });
    for (const one of asked) {
      await typist.does(`cd ${one.folder}`);
      const told = await typist.value("VIRTUAL_ENV");
      note(shell, one, told === "-" ? "" : told);
    }
    await typist.exit();
  };
  await Promise.all((Object.keys(SHELLS) as Shell[]).map(ask));
  expect(found).toEqual(expected);
}

/** A prefix without links above it: those of the environment and of the folder may differ in them. */
function withoutLinks(answer: Answer): Answer {
  return answer.startsWith("/") ? join(realpathSync(dirname(answer)), ".venv") : answer;
}

describe("every way gives the same environment", () => {
  test("of folders, checkouts, and what was moved, copied, linked or removed", async () => {
    await hold(CASES);
  });

  test.each(Object.entries(HOMES))("of %s", async (what, make) => {
    await hold({ [what]: make });
  });

  test.skipIf(!isRoot)("of what belongs to several users", async () => {
    await hold(OWNERS);
  });
});

test.skipIf(!isRoot)("another user's .git that can't be looked into keeps nobody from commands", async () => {
  await using rig = await Rig.ordinary();
  rig.write("main/x", "");
  const folder = join(rig.cwd, "main");
  mkdirSync(join(folder, ".git"), { mode: 0o700 });
  writeFileSync(join(folder, ".git/HEAD"), "ref: refs/heads/main\n");
  for (const args of [["run", "true"], ["ls"], ["task"]])
    expect(await rig.skerry(args, { cwd: folder })).toMatchObject({ exitCode: 0 });
});
