import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { loadConfig } from "../../src/config/load.ts";
import { locateConfig, MAX_FILE_BYTES } from "../../src/config/locate.ts";
import { failure, TestUser } from "./project.ts";

let user: TestUser;
beforeEach(() => {
  user = new TestUser();
});
afterEach(() => user[Symbol.dispose]());

const load = () => loadConfig({ cwd: user.app, env: user.env, flags: {}, trust: user.trust });

describe("files that aren't plain text of the project", () => {
  test("a link out of the project is refused, one that stays inside is read", async () => {
    user.write("elsewhere.toml", 'python = "3.9"');
    symlinkSync("../elsewhere.toml", `${user.app}/skerry.toml`);
    const error = await failure(load);
    expect(error.code).toBe("SKE-CONFIG-UNTRUSTED");
    expect(error.message).toContain(`is a link to ${user.home}/elsewhere.toml, outside of the project ${user.app}`);

    rmSync(`${user.app}/skerry.toml`);
    user.write("app/etc/skerry.toml", 'python = "3.9"');
    symlinkSync("etc/skerry.toml", `${user.app}/skerry.toml`);
    expect((await load()).values.python).toBe("3.9");
  });

  test("a link to a sibling whose name only begins alike is outside", async () => {
    user.write("app-evil/skerry.toml", "");
    symlinkSync("../app-evil/skerry.toml", `${user.app}/skerry.toml`);
    expect((await failure(load)).code).toBe("SKE-CONFIG-UNTRUSTED");
  });

  test("a dangling link can't be opened", async () => {
    symlinkSync("nowhere", `${user.app}/skerry.toml`);
    expect((await failure(load)).message).toContain("skerry.toml can't be opened");
  });

  test("a FIFO is refused without waiting for a writer", async () => {
    expect(spawnSync("mkfifo", [`${user.app}/skerry.toml`]).status).toBe(0);
    expect((await failure(load)).message).toBe(`${user.app}/skerry.toml is not a regular file`);
  });

  test("a folder is refused", async () => {
    mkdirSync(`${user.app}/skerry.toml`);
    expect((await failure(load)).message).toContain("is not a regular file");
  });

  test("a link to a device is refused before that is opened", async () => {
    symlinkSync("/dev/zero", `${user.app}/skerry.toml`);
    expect((await failure(load)).message).toContain("is a link to /dev/zero, outside of the project");
  });

  test("a file of 1 MiB is read, one byte more is refused", async () => {
    user.write("app/skerry.toml", `#${" ".repeat(MAX_FILE_BYTES - 1)}`);
    await load();
    user.write("app/skerry.toml", `#${" ".repeat(MAX_FILE_BYTES)}`);
    expect((await failure(load)).message).toContain("larger than a configuration file may be");
  });

  test.skipIf(process.geteuid?.() !== 0)("another user's file is refused", async () => {
    chownSync(user.write("app/skerry.toml", ""), 54_321, 54_321);
    const error = await failure(load);
    expect(error.code).toBe("SKE-CONFIG-UNTRUSTED");
    expect(error.message).toContain("belongs to another user (uid 54321)");
  });

  test("a pyproject.toml that doesn't speak of Skerry is never an obstacle", async () => {
    for (const bytes of ["not [toml", new Uint8Array([0xff, 0xfe, 0x00]), "x".repeat(MAX_FILE_BYTES + 1)]) {
      user.write("app/pyproject.toml", bytes);
      expect((await load()).projectRoot).toBeUndefined();
    }
  });
});

describe("contents", () => {
  test.each([
    ["bytes that are no UTF-8", new Uint8Array([0x61, 0xff, 0x00]), "is not UTF-8 text"],
    ["NUL", 'python = "a\0"', "is not valid TOML"],
    ["a key that stands twice", 'mode = "full"\nmode = "thin"', ":2:1: this is not valid TOML"],
    ["a deeply nested list", `requirements = ${"[".repeat(100_000)}${"]".repeat(100_000)}`, "is not valid TOML"],
    [
      "a deeply nested table",
      `variables.${"a.".repeat(100_000)}a = "x"`,
      "this is not valid TOML: it is nested too deeply",
    ],
    ["a table of dotted names", `[a${".a".repeat(100_000)}]`, "this is not valid TOML: it is nested too deeply"],
    ["__proto__ as a key", '__proto__ = { mode = "thin" }', 'there is no key "__proto__"'],
    ["a __proto__ table", '[__proto__]\nmode = "thin"', 'there is no key "__proto__"'],
    ["__proto__ as a variable", 'variables = { __proto__ = "x" }', "can't have an entry named __proto__"],
    ["constructor as a key", "constructor = 1", 'there is no key "constructor"'],
    ["a list without end", `requirements = [${'"a",'.repeat(10_001)}]`, "has more than 10000 entries"],
    ["a long text", `python = "${"3".repeat(65_537)}"`, "has a text of more than 64 KiB"],
    ["a long key", `${"k".repeat(200_000)} = 1`, 'there is no key "kkkk'],
  ])("%s is refused", async (_, content, message) => {
    user.write("app/skerry.toml", content);
    const error = await failure(load);
    expect(error.code).toBe("SKE-CONFIG");
    expect(error.message).toContain(message);
    expect(error.message.length).toBeLessThan(400);
    expect(({} as { mode?: string }).mode).toBeUndefined();
  });

  test("text is only text: nothing in it is expanded or run", async () => {
    const hostile = "$(touch pwned) `id` $HOME %HOME% ~";
    user.write(".config/skerry/config.toml", `variables = { A = '${hostile}' }\npython = '${hostile}'\n`);
    const { values } = await load();
    expect(values.variables).toEqual({ A: hostile });
    expect(values.python).toBe(hostile);
  });
});

describe("where the search ends", () => {
  const found = (cwd: string) => locateConfig({ cwd, env: user.env }).projectRoot;

  test("the nearest folder with a file counts", () => {
    user.write("app/skerry.toml", "");
    user.write("app/part/skerry.toml", "");
    mkdirSync(`${user.app}/part/deep/er`, { recursive: true });
    mkdirSync(`${user.app}/other`);
    expect(found(`${user.app}/part/deep/er`)).toBe(`${user.app}/part`);
    expect(found(`${user.app}/other`)).toBe(user.app);
  });

  test("at the root of a repository, whose own file still counts", () => {
    user.write("app/skerry.toml", "");
    user.write("app/repo/.git/HEAD", "ref: refs/heads/main\n");
    mkdirSync(`${user.app}/repo/src`);
    expect(found(`${user.app}/repo/src`)).toBeUndefined();
    user.write("app/repo/skerry.toml", "");
    expect(found(`${user.app}/repo/src`)).toBe(`${user.app}/repo`);
  });

  test("below the user's home folder, unless one works in it", () => {
    user.write("skerry.toml", "");
    expect(found(user.app)).toBeUndefined();
    expect(found(user.home)).toBe(user.home);
  });

  test("below a folder that all users share", () => {
    user.env.HOME = "/nonexistent";
    user.write("skerry.toml", "");
    expect(found(user.app)).toBe(user.home);
    expect(spawnSync("chmod", ["1777", user.home]).status).toBe(0);
    expect(found(user.app)).toBeUndefined();
  });
});
