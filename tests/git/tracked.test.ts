import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stampOfIndexes } from "../../src/git/checkouts.ts";
import { readIndex } from "../../src/git/index-file.ts";
import { trackedIn } from "../../src/git/tracked.ts";
import { git, Repositories } from "./repository.ts";

const at = new Repositories();
afterAll(() => at[Symbol.dispose]());

const NAMES = [
  "a/b",
  `${"a/c".repeat(40)}`,
  "docs/.venv/x",
  ".venvs/x",
  "ü/ñ",
  `${"long/".repeat(900)}end`,
  "d/x2",
  "x y",
];

/** Adds files to a repository without writing them all: git tracks an object under these names. */
function track(folder: string, names: readonly string[]): void {
  const blob = git(folder, "hash-object", "-w", "--stdin");
  for (const name of names) git(folder, "update-index", "--add", "--cacheinfo", `100644,${blob},${name}`);
}

function pathsIn(folder: string, hashBytes = 20): string[] {
  return readIndex(readFileSync(join(folder, ".git/index")), hashBytes).paths.map(String);
}

describe("an index that git wrote is read as git reads it", () => {
  const listed = (folder: string) => git(folder, "ls-files", "-z").split("\0").filter(Boolean);

  test.each([2, 3, 4])("in version %d", (version) => {
    const folder = at.make(`v${version}`, { "d/x": "1", "d/y": "2", z: "3" });
    track(folder, NAMES);
    if (version === 3) git(folder, "update-index", "--skip-worktree", "d/x");
    git(folder, "update-index", "--index-version", String(version));
    expect(readFileSync(join(folder, ".git/index")).readUInt32BE(4)).toBe(version);
    expect(pathsIn(folder)).toEqual(listed(folder));
  });

  test("of a repository with SHA-256", () => {
    const folder = join(at.root, "sha256");
    mkdirSync(folder);
    writeFileSync(join(folder, "a"), "1");
    git(folder, "init", "-q", "--object-format=sha256");
    git(folder, "add", "-A");
    expect(pathsIn(folder, 32)).toEqual(["a"]);
    expect(trackedIn(join(folder, ".venv"))).toBeUndefined();
    track(folder, [".venv/bin/ls"]);
    expect(trackedIn(join(folder, ".venv"))?.code).toBe("SKE-ENV-TRACKED");
  });

  test("and nothing else is: each beginning of one, and a version that isn't known, is refused", () => {
    const folder = at.make("damaged", { "a/b": "1", c: "2" });
    const whole = readFileSync(join(folder, ".git/index"));
    const { length: header } = readIndex(whole, 20).paths;
    expect(header).toBe(2);
    const extensions = whole.indexOf("TREE");
    for (let length = 0; length < extensions + 20; length++)
      expect(() => readIndex(whole.subarray(0, length), 20)).toThrow();
    const newer = Buffer.from(whole);
    newer.writeUInt32BE(5, 4);
    expect(() => readIndex(newer, 20)).toThrow("version");
  });
});

describe("an environment that git tracks", () => {
  const whyOf = (prefix: string) => trackedIn(prefix)?.message.replaceAll(at.root, "ROOT");

  test.each([
    ["a file in it", ".venv/bin/ls"],
    ["a link or submodule in its place", ".venv"],
    ["a file of another case, which some file systems take for the same", ".VENV/Bin/ls"],
    ["a file with a character that some file systems don't see", ".ve\u200cnv/bin/ls"],
  ])("is told by %s", (_, name) => {
    const folder = at.make(`by-${name.replaceAll(/[^\w.]/g, "-")}`, { x: "" });
    expect(whyOf(join(folder, ".venv"))).toBeUndefined();
    track(folder, [name]);
    expect(whyOf(join(folder, ".venv"))).toContain(`git tracks ${name} in`);
    // What the hint says makes it one that isn't tracked.
    const hint = trackedIn(join(folder, ".venv"))!.hint!;
    expect(hint).toStartWith(`git -C ${folder} rm -r --cached .venv `);
    expect(whyOf(join(folder, ".pixi/envs/default"))).toBeUndefined();
  });

  test("is told with a command that a shell takes word for word, whatever the folder is named", () => {
    const folder = at.make("a $(touch hit) `touch hit` 'b'", { x: "" });
    track(folder, [".venv"]);
    const hint = trackedIn(join(folder, ".venv"))!.hint!;
    expect(hint).toStartWith(`git -C '${folder.replaceAll("'", "'\\''")}' rm -r --cached .venv `);
  });

  test("of pixi by what stands in place of a folder above it, but not by configuration there", () => {
    const folder = at.make("pixi", { ".pixi/config.toml": "" });
    expect(whyOf(join(folder, ".pixi/envs/default"))).toBeUndefined();
    track(folder, [".pixi/envs"]);
    expect(whyOf(join(folder, ".pixi/envs/default"))).toContain("git tracks .pixi/envs in");
  });

  test("in a linked worktree, by its own index alone", () => {
    const linked = at.add("linked");
    track(at.app, [".venv/x"]);
    expect(whyOf(join(at.app, ".venv"))).toContain(".venv/x");
    expect(whyOf(join(linked, ".venv"))).toBeUndefined();
    track(linked, [".venv/y"]);
    expect(whyOf(join(linked, ".venv"))).toContain(".venv/y");
    git(at.app, "rm", "-rq", "--cached", ".venv");
    expect(whyOf(join(at.app, ".venv"))).toBeUndefined();
  });

  test("by the index of a repository around its own", () => {
    const outer = at.make("outer", { x: "" });
    const inner = at.make("outer/inner", { y: "" });
    track(outer, ["inner/.venv/bin/ls"]);
    expect(whyOf(join(inner, ".venv"))).toContain("inner/.venv/bin/ls in ROOT/outer");
  });

  test("of a submodule, by the submodule's own index", () => {
    const outer = at.make("with-submodule", { x: "" });
    git(outer, "submodule", "--quiet", "add", at.app, "lib");
    expect(pathsIn(outer)).toContain("lib");
    expect(whyOf(join(outer, "lib/.venv"))).toBeUndefined();
    expect(whyOf(join(outer, "lib"))).toContain("git tracks lib in");
    track(join(outer, "lib"), [".venv/x"]);
    expect(whyOf(join(outer, "lib/.venv"))).toContain("git tracks .venv/x in ROOT/with-submodule/lib");
  });

  test("where links lead to it", () => {
    const folder = at.make("links", { "real/.venv/x": "", "other/y": "" });
    symlinkSync("real", join(folder, "sub"));
    symlinkSync("other", join(folder, ".venv"));
    expect(whyOf(join(folder, "sub/.venv"))).toContain("real/.venv/x");
    expect(whyOf(join(folder, ".venv"))).toContain("other/y");
  });

  test("by the shared part of a split index, until git has written it whole", () => {
    const folder = at.make("split", { x: "" });
    track(folder, [".venv/x"]);
    git(folder, "update-index", "--split-index");
    expect(pathsIn(folder)).not.toContain(".venv/x");
    expect(whyOf(join(folder, ".venv"))).toContain(".venv/x");
    track(folder, [".venv/y"]);
    git(folder, "rm", "-rq", "--cached", ".venv");
    const { hint = "" } = trackedIn(join(folder, ".venv"))!;
    expect(hint).toStartWith(`git -C ${folder} update-index --no-split-index `);
    git(folder, "update-index", "--no-split-index");
    expect(whyOf(join(folder, ".venv"))).toBeUndefined();
  });

  test("is one where it can't be told what git tracks", () => {
    const folder = at.make("unreadable", { x: "" });
    const index = join(folder, ".git/index");
    truncateSync(index, 50);
    expect(whyOf(join(folder, ".venv"))).toContain("what git tracks in ROOT/unreadable can't be told");
    renameSync(index, `${index}.gone`);
    expect(whyOf(join(folder, ".venv"))).toBeUndefined();
    mkdirSync(index);
    expect(whyOf(join(folder, ".venv"))).toContain("can't be told");
  });

  test("is looked for again after each change of an index", () => {
    const folder = at.make("stamp", { x: "" });
    const before = stampOfIndexes(join(folder, "deep"));
    expect(stampOfIndexes(join(folder, "deep"))).toBe(before);
    track(folder, ["y"]);
    expect(stampOfIndexes(join(folder, "deep"))).not.toBe(before);
  });
});
