import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { resolveStateHome, resolveUserHome } from "../../src/config/home.ts";
import { findTrustRequest, loadConfig, loadSafeConfig } from "../../src/config/load.ts";
import { locateConfig, mentions } from "../../src/config/locate.ts";
import { failure, TestUser } from "./project.ts";

let user: TestUser;
beforeEach(() => {
  user = new TestUser();
});
afterEach(() => user[Symbol.dispose]());

const load = (cwd = user.app) => loadConfig({ cwd, env: user.env, flags: {}, trust: user.trust });
const request = (cwd = user.app) => findTrustRequest(locateConfig({ cwd, env: user.env }), user.env);

/** What `skerry trust` does. */
async function trust(cwd = user.app): Promise<void> {
  const asked = await request(cwd);
  if (asked === undefined) throw new Error("nothing to trust");
  user.trust.add(asked.digest, asked.body);
}

function git(cwd: string, ...args: readonly string[]): void {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"];
  const env = { PATH: process.env.PATH ?? "", HOME: user.home, GIT_CONFIG_NOSYSTEM: "1" };
  execFileSync("git", [...identity, ...args], { cwd, env, stdio: "pipe", timeout: 30_000 });
}

const UNSAFE = 'python = "3.12"\n[variables]\nA = "1"\n';

describe("a project's own file", () => {
  test.each([
    'python = ">=3.10,<3.13"',
    'python = "pypy3.10"',
    `requirements = ["foo ==1.0 --hash=sha256:${"0a".repeat(32)}", "A.zip_b (>=1,<2)", "c===1!2.0a1+x-1"]`,
    "requirements = [\"requests[socks]>=2; python_version < '4/5'\"]",
    'requirements_files = ["requirements/dev.txt"]',
    'mode = "thin"\nlink = "copy"\ninstaller = "uv"\ntimeout = "1m"\ncolor = "never"',
    'env_home = "own"\noffline = true\nsystem_site_packages = false',
  ])("may set %j at once", async (text) => {
    user.write("app/skerry.toml", text);
    expect((await load()).projectRoot).toBe(user.app);
    expect(await request()).toBeUndefined();
  });

  test.each([
    "max_environments = 1",
    "max_concurrent_creates = 1",
    'max_env_size = "1K"',
    'cache_max_age = "0"',
    'cache_max_size = "0"',
    "auto_gc = false",
  ])("never sets what is the user's alone: %j", async (text) => {
    const key = text.replace(/ .*/, "") as "auto_gc";
    const { values } = await load();
    user.write("app/skerry.toml", `mode = "thin"\n${text}\n`);
    const loaded = await load();
    expect(loaded.values).toEqual({ ...values, mode: "thin" });
    expect(loaded.warnings.join()).toContain(`app/skerry.toml:2: ${key} is left out`);
    expect(await request()).toBeUndefined();
    user.write(".config/skerry/config.toml", text);
    expect((await load()).origins[key].source).toBe("user");
  });

  test.each([
    ["python", 'python = "./bin/python"'],
    ["python", 'python = "."'],
    ["python", 'python = ".."'],
    ["python", 'python = "~"'],
    ["python", 'python = "logger"'],
    ["python", 'python = "python"'],
    ["python", 'python = "3.12-dev"'],
    ["python", 'python = "not a python"'],
    ["requirements", 'requirements = ["./pkg"]'],
    ["requirements", 'requirements = ["x @ https://example.com/x.whl"]'],
    ["requirements", 'requirements = ["."]'],
    ["requirements", 'requirements = ["pkg.whl"]'],
    ["requirements", 'requirements = ["foo ==1.zip"]'],
    ["requirements", 'requirements = ["foo (==1.zip)"]'],
    ["requirements", 'requirements = ["foo==1/2"]'],
    ["requirements", 'requirements = ["foo===./x"]'],
    ["requirements", "requirements = [\"foo.tar.gz[x] ; os_name != 'a'\"]"],
    ["requirements", 'requirements = ["foo ==1+local.tar.zst"]'],
    ["requirements", `requirements = ["foo --hash=sha256:${"0a".repeat(32)} --index-url=https://example.com/"]`],
    ["requirements", "requirements = [\"foo ; os_name == 'a\\u2028-r evil.txt\\u2028'\"]"],
    ["requirements", "requirements = [\"foo ; os_name == 'a -r evil.txt'\"]"],
    ["requirements", "requirements = [\"foo ; os_name == '${HOME}'\"]"],
    ["requirements", 'requirements = ["git+https://example.com/x"]'],
    ["requirements_files", 'requirements_files = ["../other.txt"]'],
    ["requirements_files", 'requirements_files = ["/etc/passwd"]'],
    ["engine", 'engine = "basic"'],
    ["installer", 'installer = "pip"'],
    ["env_home", 'env_home = "user"'],
    ["system_site_packages", "system_site_packages = true"],
    ["offline", "offline = false"],
    ["variables", 'variables = { LD_PRELOAD = "x.so" }'],
    ["secrets", 'secrets = ["TOKEN"]'],
    ["index_url", 'index_url = "https://example.com/simple"'],
    ["extra_index_urls", 'extra_index_urls = ["https://example.com/simple"]'],
    ["find_links", 'find_links = ["wheels"]'],
    ["home", 'home = ".skerry"'],
  ])("needs trust for %s: %j", async (key, text) => {
    const file = user.write("app/skerry.toml", text);
    const error = await failure(load);
    expect(error.code).toBe("SKE-CONFIG-UNTRUSTED");
    expect(error.exitCode).toBe(5);
    expect(error.message).toStartWith(`${file}: ${key} `);
    expect(error.hint).toContain("skerry trust");
    await trust();
    expect((await load()).origins[key as "home"].path).toBe(file);
  });

  test("may set what needs no trust beside what does, and only that is loaded without trust", async () => {
    user.write("app/skerry.toml", `timeout = "1m"\nmode = "full"\n${UNSAFE}`);
    const { values, origins } = await loadSafeConfig({ cwd: user.app, env: user.env, flags: {} });
    expect(values).toMatchObject({ timeout: 60_000, mode: "full", color: "auto" });
    expect(Object.keys(values)).not.toContain("variables");
    expect(Object.keys(origins)).toEqual(Object.keys(values));
  });

  test("the user's own file, variables and flags need no trust", async () => {
    user.write(".config/skerry/config.toml", UNSAFE);
    user.env.SKERRY_INDEX_URL = "https://example.com/simple";
    expect((await load()).values).toMatchObject({ variables: { A: "1" }, index_url: "https://example.com/simple" });
  });
});

describe("requirements files that a project names", () => {
  beforeEach(() => user.write("app/skerry.toml", 'requirements_files = ["r.txt"]'));

  test("need no trust when they only name packages, nor when they are missing", async () => {
    await load();
    user.write("app/more.txt", "\ufeffrich[x] >=1,<2 ; python_version<'4' # why\n");
    user.write(
      "app/r.txt",
      `# all\n-r more.txt\n--pre --no-binary six\nsix==1.16 \\\n    --hash=sha256:${"0a".repeat(32)}\r\n\nattrs`,
    );
    await load();
  });

  test.each([
    "--index-url https://example.com/simple",
    "-i https://example.com/simple",
    "--extra-index-url=https://example.com/simple",
    "-f wheels",
    "--trusted-host example.com",
    "-e .",
    ".",
    "./pkg",
    "pkg.tar.gz",
    "x @ https://example.com/x.whl",
    "https://example.com/x.whl",
    "$" + "{WHERE}",
    "six[$" + "{EXTRA}]",
    "-r ../outside.txt",
    "-r https://example.com/r.txt",
    "# comment \\\n--index-url https://example.com/simple",
    "six \\\n--index-url https://example.com/simple",
    "six; python_version > '3'\v--index-url https://example.com/simple",
    "-r other.txt -e .",
    "-r other.txt --find-links wheels",
    // In that encoding `;` is a letter, and the line the path of a folder.
    "# coding: iso-2022-jp\nsrc=\x1b(I;\x1b(B/x",
  ])("need it for %j, also in a file that they name", async (line) => {
    Object.assign(user.env, { WHERE: "attrs", EXTRA: "x" });
    user.write("outside.txt", "six");
    user.write("app/other.txt", "six");
    for (const [name, text] of [
      ["r.txt", "-r more.txt"],
      ["more.txt", line],
    ] as const) {
      user.write(`app/${name}`, `six\n${text}\n`);
    }
    expect((await failure(load)).code).toBe("SKE-CONFIG-UNTRUSTED");
    await trust();
    await load();
    user.write("app/r.txt", "-r more.txt\nattrs\n");
    await load();
    user.write("app/r.txt", "-r more.txt\n-i https://example.org/simple\n");
    expect((await failure(load)).code).toBe("SKE-CONFIG-UNTRUSTED");
  });

  test.each([
    ["pylock.toml", 'lock-version = "1.0"\npackages = [{ name = "x", directory = { path = "src" } }]\n'],
    ["uv.lock", 'version = 1\npackage = [{ name = "x", version = "1", source = { directory = "src" } }]\n'],
    ["sub/pyproject.toml", 'project.dependencies = ["six"]\n'],
  ])("need it for %s, and again when it changes", async (name, text) => {
    user.write("app/skerry.toml", `requirements_files = ["${name}"]`);
    const changed = [name, ...(name === "uv.lock" ? ["pyproject.toml"] : [])];
    for (const file of changed) {
      user.write(`app/${file}`, text);
      expect((await failure(load)).code).toBe("SKE-CONFIG-UNTRUSTED");
      await trust();
      await load();
      user.write(`app/${file}`, `${text}# changed\n`);
      expect((await failure(load)).code).toBe("SKE-CONFIG-UNTRUSTED");
      await trust();
    }
  });

  test("may have names with spaces in quotation marks, and a comment that says UTF-8", async () => {
    user.write("app/r.txt", '# -*- coding: utf-8 -*-\n-r "more of it.txt"\n');
    user.write("app/more of it.txt", "six\n");
    await load();
    user.write("app/more of it.txt", "-e .\n");
    expect((await failure(load)).code).toBe("SKE-CONFIG-UNTRUSTED");
  });

  test("outside of the project need it, and again when they change", async () => {
    user.write("app/r.txt", "-r ../outside.txt");
    user.write("outside.txt", "six");
    await trust();
    await load();
    user.write("outside.txt", "-r more.txt");
    user.write("more.txt", "six");
    expect((await failure(load)).code).toBe("SKE-CONFIG-UNTRUSTED");
    await trust();
    user.write("more.txt", "-i https://example.com/simple");
    expect((await failure(load)).code).toBe("SKE-CONFIG-UNTRUSTED");
  });

  test("can't be trusted when they are links out of the project, or too large to be looked through", async () => {
    user.write("outside.txt", "six");
    symlinkSync("../outside.txt", join(user.app, "r.txt"));
    expect(await failure(trust)).toMatchObject({
      code: "SKE-CONFIG-UNTRUSTED",
      message: expect.stringContaining("outside of the project"),
    });
    rmSync(join(user.app, "r.txt"));
    user.write("app/r.txt", "six\n".repeat(2 ** 20 + 1));
    expect(await failure(trust)).toMatchObject({
      code: "SKE-PKG-REQUIREMENT",
      message: expect.stringContaining("4 MiB"),
    });
    expect((await failure(load)).code).toBe("SKE-PKG-REQUIREMENT");
  });

  test.each([
    "six --global-option=x",
    "six ==1 ; os_name == 'a\u2028-r evil.txt\u2028'",
    "six --no-binary=--index-url=https://example.com/",
    "--only-binary --system",
    "-r nowhere.txt",
  ])("are refused, with the line, when nothing can be installed from them: %j", async (line) => {
    user.write("app/r.txt", `six\n${line}\n`);
    for (const act of [load, trust]) {
      expect(await failure(act)).toMatchObject({
        code: "SKE-PKG-REQUIREMENT",
        message: expect.stringContaining("r.txt:2: "),
      });
    }
    expect((await loadSafeConfig({ cwd: user.app, env: user.env, flags: {} })).projectRoot).toBe(user.app);
  });
});

describe("what was trusted", () => {
  test("a changed or added unsafe value asks again; a comment or a safe value doesn't", async () => {
    user.write("app/skerry.toml", UNSAFE);
    await trust();
    user.write("app/skerry.toml", `# comment\n${UNSAFE.replace("3.12", "3.13")}`);
    expect((await load()).values.python).toBe("3.13");
    for (const changed of [UNSAFE.replace('"1"', '"2"'), `${UNSAFE}B = "2"\n`, `home = "x"\n${UNSAFE}`]) {
      user.write("app/skerry.toml", changed);
      expect((await failure(load)).code).toBe("SKE-CONFIG-UNTRUSTED");
    }
    user.write("app/skerry.toml", UNSAFE);
    await load();
    user.trust.remove([...user.trusted.keys()][0] ?? "");
    expect((await failure(load)).code).toBe("SKE-CONFIG-UNTRUSTED");
  });

  test("holds for that project and that place only", async () => {
    user.write("app/skerry.toml", UNSAFE);
    await trust();
    user.write("other/skerry.toml", UNSAFE);
    expect((await failure(() => load(join(user.home, "other")))).code).toBe("SKE-CONFIG-UNTRUSTED");
    renameSync(user.app, join(user.home, "moved"));
    expect((await failure(() => load(join(user.home, "moved")))).code).toBe("SKE-CONFIG-UNTRUSTED");
  });
});

describe("worktrees", () => {
  const sibling = () => join(user.home, "sibling");

  beforeEach(() => {
    user.write("app/skerry.toml", UNSAFE);
    user.write("app/sub/skerry.toml", UNSAFE);
    git(user.app, "init");
    git(user.app, "add", ".");
    git(user.app, "commit", "-m", "first");
    git(user.app, "worktree", "add", "-b", "feature", sibling());
  });

  test("equal values are trusted in every worktree, changed ones in none", async () => {
    expect((await failure(() => load(sibling()))).code).toBe("SKE-CONFIG-UNTRUSTED");
    await trust(sibling());
    expect((await load(sibling())).values.variables).toEqual({ A: "1" });
    expect((await load()).values.variables).toEqual({ A: "1" });
    user.write("sibling/skerry.toml", UNSAFE.replace('"1"', '"evil"'));
    expect((await failure(() => load(sibling()))).code).toBe("SKE-CONFIG-UNTRUSTED");
    await load();
  });

  test("a worktree that was moved by git is still one", async () => {
    await trust();
    git(user.app, "worktree", "move", sibling(), join(user.home, "elsewhere"));
    expect((await load(join(user.home, "elsewhere"))).values.variables).toEqual({ A: "1" });
  });

  test("the same values at another place of the repository ask", async () => {
    await trust();
    expect((await failure(() => load(join(user.app, "sub")))).code).toBe("SKE-CONFIG-UNTRUSTED");
  });

  test("a copied worktree, a forged .git file and a linked .git claim no other repository", async () => {
    await trust();
    const copy = join(user.home, "copy");
    cpSync(sibling(), copy, { recursive: true });
    expect((await failure(() => load(copy))).code).toBe("SKE-CONFIG-UNTRUSTED");

    user.write("forged/skerry.toml", UNSAFE);
    user.write("forged/.git", "gitdir: g/worktrees/x\n");
    user.write("forged/g/worktrees/x/commondir", `${user.app}/.git\n`);
    user.write("forged/g/worktrees/x/gitdir", "../../../.git\n");
    expect((await failure(() => load(join(user.home, "forged")))).code).toBe("SKE-CONFIG-UNTRUSTED");

    user.write("linked/skerry.toml", UNSAFE);
    symlinkSync(join(user.app, ".git"), join(user.home, "linked", ".git"));
    expect((await failure(() => load(join(user.home, "linked")))).code).toBe("SKE-CONFIG-UNTRUSTED");
  });
});

describe("the state folder", () => {
  const located = () => locateConfig({ cwd: user.app, env: user.env });
  const home = (flags = {}) => resolveStateHome(located(), user.env, flags, user.trust);

  test("default, user file, trusted project, variable, flag: each wins over the one before", async () => {
    expect(mentions(located(), "home")).toBe(false);
    expect(await home()).toBe(`${user.home}/.local/share/skerry`);
    user.env.XDG_DATA_HOME = "/data";
    expect(await home()).toBe("/data/skerry");
    user.write(".config/skerry/config.toml", 'home = "state"');
    expect(mentions(located(), "home")).toBe(true);
    expect(await home()).toBe(`${user.home}/.config/skerry/state`);
    user.write("app/skerry.toml", 'home = ".skerry"');
    expect((await failure(home)).code).toBe("SKE-CONFIG-UNTRUSTED");
    await trust();
    expect(await home()).toBe(`${user.app}/.skerry`);
    expect((await load()).values.home).toBe(`${user.app}/.skerry`);
    user.env.SKERRY_HOME = "/variable";
    expect(await home()).toBe("/variable");
    expect(await home({ home: "flag" })).toBe(`${user.app}/flag`);
  });

  test("records of trust stay with the user, wherever a project wants its state", async () => {
    user.write("app/skerry.toml", 'home = ".skerry"');
    expect(await resolveUserHome(located(), user.env, {})).toBe(`${user.home}/.local/share/skerry`);
    user.write(".config/skerry/config.toml", 'home = "/mine"');
    expect(await resolveUserHome(located(), user.env, {})).toBe("/mine");
  });

  test("a key hidden behind escapes is found as well", async () => {
    user.write("app/skerry.toml", '"h\\u006fme" = ".skerry"');
    expect((await failure(home)).code).toBe("SKE-CONFIG-UNTRUSTED");
  });

  test("a value that can't be a folder is refused", async () => {
    user.write("app/skerry.toml", "home = inf");
    expect((await failure(home)).code).toBe("SKE-CONFIG");
  });

  test("a mere mention of the word changes nothing", async () => {
    mkdirSync(join(user.app, "src"));
    user.write("app/skerry.toml", `# at home\n${UNSAFE}`);
    expect(await home()).toBe(`${user.home}/.local/share/skerry`);
    user.write(".config/skerry/config.toml", 'home = "/mine"');
    expect(await home()).toBe("/mine");
  });
});
