import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { WHEELS } from "../environments/setup.ts";
import { git } from "../git/repository.ts";
import { startIndex } from "../rig/index.ts";
import { Rig } from "../rig/rig.ts";

/** A repository whose environment `outer` is its `.venv`, and another checkout inside of it. */
const INSIDE: Readonly<Record<string, (main: string) => string>> = {
  "a worktree": (main) => {
    git(main, "worktree", "add", "-q", "-b", "f", ".worktrees/f");
    return join(main, ".worktrees/f");
  },
  "a nested repository": (main) => {
    const nested = join(main, "vendor/nested");
    mkdirSync(nested, { recursive: true });
    git(nested, "init", "-q");
    return nested;
  },
  "a submodule": (main) => {
    const other = join(main, "../other");
    mkdirSync(other);
    git(other, "init", "-q");
    git(other, "commit", "-q", "--allow-empty", "-m", "one");
    git(main, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other, "sub");
    return join(main, "sub");
  },
};

describe("inside of a checkout with an environment, the environment of this folder isn't taken from around", () => {
  for (const [what, make] of Object.entries(INSIDE)) {
    test(`by ${what}, whatever is done to it`, async () => {
      await using rig = await Rig.make();
      await using index = await startIndex({ distributions: WHEELS });
      const env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
      const main = join(rig.cwd, "main");
      mkdirSync(main);
      git(main, "init", "-q");
      git(main, "commit", "-q", "--allow-empty", "-m", "one");
      expect(await rig.skerry(["create", "outer", "--prefix", ".venv"], { cwd: main, env })).toMatchObject({
        exitCode: 0,
      });
      const inside = make(main);
      const packages = () => rig.skerry(["packages", "outer", "--json"], { env });
      const before = await packages();
      for (const words of [
        ["install", ".", "alpha"],
        ["uninstall", ".", "alpha"],
        ["rm", "."],
        ["show", "."],
        ["exec", ".", "--", "python", "-V"],
      ]) {
        const done = await rig.skerry(words, { cwd: inside, env });
        expect({ words, ...done }).toMatchObject({
          stderr: expect.stringContaining("There is no environment of this folder"),
        });
      }
      expect(existsSync(join(main, ".venv/bin/python"))).toBe(true);
      expect((await packages()).stdout).toBe(before.stdout);
      // What is its own is taken, also from a folder below.
      mkdirSync(join(inside, "src"));
      expect(await rig.skerry(["create", "inner", "--prefix", ".venv"], { cwd: inside, env })).toMatchObject({
        exitCode: 0,
      });
      const removed = await rig.skerry(["rm", "."], { cwd: join(inside, "src"), env });
      expect(removed).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("inner") });
      expect((await packages()).stdout).toBe(before.stdout);
    });
  }
});
