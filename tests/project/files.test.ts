import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { readProjectFile } from "../../src/project/files.ts";
import { foldersOfFiles, searchedFolders } from "../../src/project/folders.ts";
import { failure, TestUser } from "../config/project.ts";

let user: TestUser;
beforeEach(() => {
  user = new TestUser();
});
afterEach(() => user[Symbol.dispose]());

const isRoot = process.geteuid?.() === 0;
const read = (path: string, rules = {}) => readProjectFile(path, { limit: 100, root: user.app, ...rules });
const text = (...at: Parameters<typeof read>) => read(...at)?.bytes.toString();

describe("a file of a project", () => {
  test("is read whole, and says where it lies", () => {
    const file = user.write("app/etc/versions", "3.12\n");
    symlinkSync("etc/versions", join(user.app, ".python-version"));
    expect(read(file)).toEqual({ path: file, realPath: file, bytes: Buffer.from("3.12\n") });
    expect(read(join(user.app, ".python-version"))?.realPath).toBe(file);
  });

  test.each(["nothing", "etc/nothing", "file/nothing"])("is none where nothing is: %s", (path) => {
    user.write("app/file", "");
    expect(read(join(user.app, path))).toBeUndefined();
  });

  test("is read up to its limit, and no further", async () => {
    const file = user.write("app/file", "x".repeat(100));
    expect(text(file)).toHaveLength(100);
    user.write("app/file", "x".repeat(101));
    expect((await failure(() => read(file))).message).toBe(
      `${file} is larger than a file of a project may be (100 bytes)`,
    );
  });

  test.each(["pipe", "folder", "device", "socket"])("is no %s", async (what) => {
    const path = join(user.app, "file");
    const making = {
      pipe: () => void spawnSync("mkfifo", [path]),
      folder: () => void mkdirSync(path),
      device: () => symlinkSync("/dev/zero", path),
      socket: () => void spawnSync("python3", ["-c", "import socket,sys; socket.socket(1).bind(sys.argv[1])", path]),
    };
    making[what as keyof typeof making]();
    const error = await failure(() => read(path, { root: undefined }));
    expect(error.message).toMatch(/is not a regular file|can't be opened/);
    expect(read(path, { root: undefined, concerns: () => true })).toBeUndefined();
  });

  test("doesn't lead out of its root by a link, by several, or by a folder on the way that is one", async () => {
    user.write("app-evil/file", "x");
    user.write("app/own/file", "own");
    symlinkSync("../app-evil/file", join(user.app, "direct"));
    symlinkSync("direct", join(user.app, "indirect"));
    symlinkSync("../app-evil", join(user.app, "folder"));
    symlinkSync("folder/file", join(user.app, "through"));
    symlinkSync("own/file", join(user.app, "inside"));
    for (const name of ["direct", "indirect", "through"]) {
      const error = await failure(() => read(join(user.app, name)));
      expect(error.code).toBe("SKE-CONFIG-UNTRUSTED");
      expect(error.message).toContain(`is a link to ${user.home}/app-evil/file, outside of the project ${user.app}`);
    }
    expect(text(join(user.app, "inside"))).toBe("own");
  });

  test.skipIf(!isRoot)("is the user's own, unless the user has named it", async () => {
    const file = user.write("app/file", "x");
    chownSync(file, 54_321, 54_321);
    expect((await failure(() => read(file))).code).toBe("SKE-CONFIG-UNTRUSTED");
    expect(text(file, { isNamed: true })).toBe("x");
  });

  test("that doesn't concern who asks is passed over, however large or whosever", () => {
    const file = user.write("app/file", "x".repeat(1000));
    const rules = { concerns: (bytes: Buffer) => bytes.includes("y") };
    if (isRoot) chownSync(file, 54_321, 54_321);
    expect(read(file, rules)).toBeUndefined();
  });
});

describe("the folders that count for one", () => {
  const app = (...parts: string[]) => join(user.app, ...parts);
  const searched = (start: string) => searchedFolders(start, user.env).folders;

  test("are those up to the root of the checkout", () => {
    user.write("app/.git/HEAD", "ref: refs/heads/main\n");
    mkdirSync(app("a/b"), { recursive: true });
    expect(searchedFolders(app("a/b"), user.env)).toEqual({
      folders: [app("a/b"), app("a"), user.app],
      repositoryRoot: user.app,
    });
  });

  test.each([
    ["a nested repository", "a/.git/HEAD"],
    ["a submodule or a worktree inside, by its .git file", "a/.git"],
  ])("end with %s", (_, path) => {
    user.write("app/.git/HEAD", "ref: refs/heads/main\n");
    user.write(`app/${path}`, "gitdir: elsewhere\n");
    mkdirSync(app("a/b"));
    expect(searched(app("a/b"))).toEqual([app("a/b"), app("a")]);
  });

  test("don't end with an empty folder named .git, which git passes over too", () => {
    mkdirSync(app("a/.git"), { recursive: true });
    expect(searched(app("a"))).toEqual([app("a"), user.app]);
  });

  test("end below the home folder, and with it where they begin there", () => {
    expect(searched(user.app)).toEqual([user.app]);
    expect(searched(user.home)).toEqual([user.home]);
  });

  test("end below a folder that several users share", () => {
    user.env.HOME = "/nonexistent";
    mkdirSync(app("a/b"), { recursive: true });
    for (const mode of [0o1777, 0o1775]) {
      chmodSync(user.app, mode);
      expect(searched(app("a/b"))).toEqual([app("a/b"), app("a")]);
    }
    chmodSync(user.app, 0o755);
    expect(searched(app("a/b"))).toContain(user.app);
  });

  test.skipIf(!isRoot)("end where the user's own folder lies in somebody else's", () => {
    user.env.HOME = "/nonexistent";
    mkdirSync(app("a/b"), { recursive: true });
    chownSync(user.app, 54_321, 54_321);
    expect(searched(app("a/b"))).toEqual([app("a/b"), app("a")]);
    // Nobody's own is left.
    chownSync(app("a"), 54_321, 54_321);
    expect(searched(app("a"))).toContain(user.app);
  });

  test("are none for files where SKERRY_NO_CONFIG is set", () => {
    expect(foldersOfFiles(user.app, user.env).folders).toEqual([user.app]);
    expect(foldersOfFiles(user.app, { ...user.env, SKERRY_NO_CONFIG: "1" }).folders).toEqual([]);
    rmSync(user.app, { recursive: true });
  });
});
