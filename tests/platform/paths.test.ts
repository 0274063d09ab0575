import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { defaultHome, ensureState, networkFileSystem, statePaths } from "../../src/platform/paths.ts";
import { cleanUp, temporaryFolder } from "./support.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(cleanUp);

describe("the state folder", () => {
  test("is where SKERRY_HOME, XDG_DATA_HOME or HOME say, in this order", () => {
    expect(defaultHome({ SKERRY_HOME: "/s", XDG_DATA_HOME: "/x", HOME: "/h" })).toBe("/s");
    expect(defaultHome({ SKERRY_HOME: "", XDG_DATA_HOME: "/x", HOME: "/h" })).toBe("/x/skerry");
    expect(defaultHome({ XDG_DATA_HOME: "relative", HOME: "/h" })).toBe("/h/.local/share/skerry");
    expect(defaultHome({})).toBe(join(homedir(), ".local/share/skerry"));
  });

  test.each(["/a:b", "/a\nb"])("can't be %j", (home) => {
    expect(() => statePaths(home)).toThrow(expect.objectContaining({ code: "SKE-CONFIG" }));
  });

  test("is made for its owner alone, and again where a part is missing", () => {
    const paths = statePaths(join(folder, "deep/state"));
    ensureState(paths);
    for (const name of ["home", "envs", "store", "locks", "tools", "logs", "tmp"] as const) {
      expect(statSync(paths[name]).mode & 0o777).toBe(0o700);
    }
    rmdirSync(paths.tmp);
    ensureState(paths);
    expect(statSync(paths.tmp).isDirectory()).toBe(true);
  });

  test("isn't used when others may write to it or own it", () => {
    const paths = statePaths(join(folder, "state"));
    ensureState(paths);
    chmodSync(paths.home, 0o770);
    expect(() => ensureState(paths)).toThrow(expect.objectContaining({ code: "SKE-STATE-UNSAFE" }));
    chmodSync(paths.home, 0o755);
    ensureState(paths);
    if (process.geteuid?.() !== 0) return;
    chownSync(paths.home, 12345, 12345);
    expect(() => ensureState(paths)).toThrow(/belongs to user 12345/);
  });

  const mode = (path: string) => statSync(path).mode & 0o777;

  test("that is there, empty and open to others is closed to them", () => {
    const paths = statePaths(join(folder, "open"));
    mkdirSync(paths.home, { mode: 0o755 });
    ensureState(paths);
    expect(mode(paths.home)).toBe(0o700);
    // So is one that became open later, as a copy does.
    writeFileSync(paths.db, "");
    chmodSync(paths.home, 0o755);
    ensureState(paths);
    expect(mode(paths.home)).toBe(0o700);
  });

  test("with files of the user's in it leaves them and their modes alone, and closes what is its own", () => {
    const paths = statePaths(join(folder, "mixed"));
    mkdirSync(paths.home, { mode: 0o755 });
    for (const name of [".gitignore", "notes"]) writeFileSync(join(paths.home, name), "*.o\n", { mode: 0o644 });
    ensureState(paths);
    writeFileSync(paths.db, "", { mode: 0o644 });
    chmodSync(paths.store, 0o755);
    ensureState(paths);
    expect([paths.home, paths.db, paths.store, paths.tools].map(mode)).toEqual([0o755, 0o600, 0o700, 0o700]);
    for (const name of [".gitignore", "notes"]) {
      expect(readFileSync(join(paths.home, name), "utf8")).toBe("*.o\n");
      expect(mode(join(paths.home, name))).toBe(0o644);
    }
  });

  test.each(["tools", "tmp", "logs"])("isn't a folder whose %s has something of another program in it", (name) => {
    const paths = statePaths(join(folder, "project"));
    mkdirSync(join(paths.home, name), { recursive: true });
    writeFileSync(join(paths.home, name, "own"), "");
    expect(() => ensureState(paths)).toThrow(expect.objectContaining({ code: "SKE-STATE-UNSAFE" }));
    expect(mode(join(paths.home, name))).toBe(0o755);
  });

  test("isn't used on a network file system", () => {
    expect(networkFileSystem(0x6969)).toBe("NFS");
    // Some runtimes give the number with a sign.
    expect(networkFileSystem(0xff534d42 | 0)).toBe("CIFS");
    expect(networkFileSystem(0xef53)).toBeUndefined();
  });

  test("that can't be made is an error with the path in it", () => {
    writeFileSync(join(folder, "file"), "");
    expect(() => ensureState(statePaths(join(folder, "file/state")))).toThrow(
      expect.objectContaining({ code: "SKE-IO", message: expect.stringContaining("file/state") }),
    );
  });
});
