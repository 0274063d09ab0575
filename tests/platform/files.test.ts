import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { exists, ioError, readIfExists, writeAtomic } from "../../src/platform/files.ts";
import { ensureState, statePaths } from "../../src/platform/paths.ts";
import { emptyTrash, removeTree, trash } from "../../src/platform/remove.ts";
import { cleanUp, program, temporaryFolder } from "./support.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(cleanUp);

/** A tree as the store seals it, with a link out of it; root itself may have any mode. */
function sealedTree(root: string, outside: string): void {
  mkdirSync(join(root, "a/b"), { recursive: true });
  writeFileSync(join(root, "a/b/file"), "x", { mode: 0o444 });
  symlinkSync(outside, join(root, "a/link"));
  for (const path of ["a/b", "a", "."]) chmodSync(join(root, path), 0o555);
}

describe("files", () => {
  test("writeAtomic replaces whole files, keeps to the mode and leaves nothing beside", () => {
    const path = join(folder, "file");
    writeAtomic(path, "one");
    writeAtomic(path, "två", { mode: 0o777, fsync: true });
    expect(readFileSync(path, "utf8")).toBe("två");
    expect(statSync(path).mode & 0o777).toBe(0o777);
    mkdirSync(join(folder, "taken"));
    expect(() => writeAtomic(join(folder, "taken"), "x")).toThrow("Could not write");
    expect(readdirSync(folder).sort()).toEqual(["file", "taken"]);
  });

  test("readIfExists tells missing from unreadable", () => {
    expect(readIfExists(join(folder, "none"))).toBeUndefined();
    expect(() => readIfExists(folder)).toThrow(/Could not read .*EISDIR/);
  });

  test("removeTree removes links, not what they lead to, and may be called again", async () => {
    const outside = join(folder, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "kept"), "");
    const tree = join(folder, "tree");
    sealedTree(tree, outside);
    const link = join(folder, "link");
    symlinkSync(outside, link);
    await removeTree(link);
    await Promise.all([removeTree(tree), removeTree(tree)]);
    await removeTree(tree);
    expect(exists(tree) || exists(link)).toBe(false);
    expect(existsSync(join(outside, "kept"))).toBe(true);
  });

  test("removeTree ends when all is gone, however many remove the same at once", async () => {
    const tree = join(folder, "large");
    for (let n = 0; n < 80; n++) {
      mkdirSync(join(tree, `${n}`), { recursive: true });
      for (let file = 0; file < 50; file++) writeFileSync(join(tree, `${n}/${file}`), "");
    }
    const left = await Promise.all([1, 2, 3, 4].map(() => removeTree(tree).then(() => exists(tree))));
    expect(left).toEqual([false, false, false, false]);
  }, 60_000);

  test("a sealed tree is removed and moved away without root's rights", async () => {
    const child = Bun.spawn([process.execPath, program("unprivileged"), folder], { stderr: "pipe" });
    expect(await new Response(child.stderr).text()).toBe("");
    expect(await child.exited).toBe(0);
  });

  test("trash takes a thing away at once, and emptyTrash removes it", async () => {
    const paths = statePaths(join(folder, "state"));
    ensureState(paths);
    const thing = join(folder, "thing");
    mkdirSync(thing);
    writeFileSync(join(paths.tmp, "other"), "");
    const where = trash(paths, thing)!;
    expect([exists(thing), exists(where)]).toEqual([false, true]);
    expect(trash(paths, thing)).toBeUndefined();
    await emptyTrash(paths);
    expect(readdirSync(paths.tmp)).toEqual(["other"]);
  });

  test.skipIf(!existsSync("/dev/shm"))("trash works across file systems", async () => {
    const paths = statePaths(join(folder, "state"));
    ensureState(paths);
    const thing = `/dev/shm/skerry-test-${process.pid}`;
    writeFileSync(thing, "");
    const where = trash(paths, thing)!;
    expect(where.startsWith("/dev/shm/.skerry-trash-")).toBe(true);
    await removeTree(where);
  });

  test.each(["EACCES", "EROFS", "ENOSPC", "EDQUOT", "EMFILE"])("%s comes with a hint", (code) => {
    const error = ioError("write", "/x", Object.assign(new Error(`${code}: refused`), { code }));
    expect(error).toMatchObject({ code: "SKE-IO", message: `Could not write /x: ${code}: refused` });
    expect(error.hint).toBeString();
  });
});
