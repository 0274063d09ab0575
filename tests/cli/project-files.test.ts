import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { git } from "../git/repository.ts";
import { Rig } from "../rig/rig.ts";

/** The files that are found by climbing, each with a verb that reads it, and a text that it takes note of. */
const KINDS: Readonly<Record<string, { readonly verb: readonly string[]; readonly text: string }>> = {
  "skerry.toml": { verb: ["config", "show"], text: "nonsense = 1\n" },
  "pyproject.toml": { verb: ["config", "show"], text: "[tool.skerry]\nnonsense = 1\n" },
  ".python-version": { verb: ["create"], text: "2.1\n" },
  "pixi.toml": { verb: ["task"], text: "[tasks]\nbad = 1\n" },
  ".worktree_config.json": { verb: ["task"], text: "nonsense\n" },
};

/** What may stand in a file's place. */
const EVILS: Readonly<Record<string, (rig: Rig, path: string) => unknown>> = {
  "a pipe": (rig, path) => rig.run(["mkfifo", path]),
  "a folder": (_, path) => mkdirSync(path),
  "a link to a device": (_, path) => symlinkSync("/dev/zero", path),
  "a link out of the project": (rig, path) => {
    rig.write("outside", KINDS["skerry.toml"]!.text);
    symlinkSync(join(rig.cwd, "outside"), path);
  },
  "100 MB": (_, path) => truncateSync(path, 100_000_000),
  ...(process.geteuid?.() === 0
    ? { "another user's": (_: Rig, path: string) => chownSync(path, 54_321, 54_321) }
    : undefined),
};

/** A repository with a file, and a folder below it where verbs are typed. */
async function checkout(name: string): Promise<{ rig: Rig; file: string; deep: string } & AsyncDisposable> {
  const rig = await Rig.make();
  const file = rig.write(`app/${name}`, KINDS[name]!.text);
  git(dirname(file), "init", "-q");
  const deep = join(dirname(file), "deep/er");
  mkdirSync(deep, { recursive: true });
  return { rig, file, deep, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
}

const WITHOUT = { SKERRY_NO_CONFIG: "1" };

describe.each(Object.keys(KINDS))("%s", (name) => {
  const { verb } = KINDS[name]!;

  test("counts in the folders below, up to the root of the repository, and not with SKERRY_NO_CONFIG", async () => {
    await using at = await checkout(name);
    const { rig, deep, file } = at;
    const read = await rig.skerry([...verb], { cwd: deep });
    expect(read.exitCode).not.toBe(0);
    expect(read.stderr).toContain(name === ".python-version" ? "2.1" : file);
    expect(await rig.skerry([...verb], { cwd: deep, env: WITHOUT })).toMatchObject({ exitCode: 0 });
    // Another checkout in it is none of its.
    const inner = join(deep, "inner");
    mkdirSync(inner);
    git(inner, "init", "-q");
    expect(await rig.skerry([...verb], { cwd: inner })).toMatchObject({ exitCode: 0 });
  });

  test("is refused at once where it isn't a regular file of the user's, and isn't looked at with SKERRY_NO_CONFIG", async () => {
    await using at = await checkout(name);
    const { rig, deep, file } = at;
    for (const [what, put] of Object.entries(EVILS)) {
      rmSync(file, { recursive: true, force: true });
      if (what === "100 MB" || what === "another user's") rig.write(`app/${name}`, KINDS[name]!.text);
      await put(rig, file);
      // One that doesn't speak of Skerry is another tool's.
      const asked = name === "pyproject.toml" ? ["task"] : verb;
      const told = await rig.skerry([...asked], { cwd: deep });
      expect({ what, ...told }).toMatchObject({ stdout: "", stderr: expect.stringContaining(`error: ${file} `) });
      expect(told.exitCode).not.toBe(0);
      expect({ what, ...(await rig.skerry([...verb], { cwd: deep, env: WITHOUT })) }).toMatchObject({ exitCode: 0 });
    }
  });

  test("isn't taken from a folder that users share, by whoever works below it", async () => {
    await using rig = await Rig.make();
    rig.write(`shared/${name}`, KINDS[name]!.text);
    mkdirSync(join(rig.cwd, "shared/mine"));
    chmodSync(join(rig.cwd, "shared"), 0o1777);
    expect(await rig.skerry([...verb], { cwd: join(rig.cwd, "shared/mine") })).toMatchObject({ exitCode: 0 });
  });
});

describe("what stands in the place of a project's file", () => {
  const FILES = [
    ".python-version",
    "requirements.txt",
    "pyproject.toml",
    "pylock.toml",
    "uv.lock",
    "skerry.toml",
    "setup.cfg",
  ] as const;
  const PUT: Readonly<Record<string, readonly [put: (rig: Rig, path: string) => unknown, says: RegExp]>> = {
    "a pipe": [EVILS["a pipe"]!, /^error: \S+ is not a regular file\n {2}hint: put a text file in its place\n$/],
    "a folder": [EVILS["a folder"]!, /^error: \S+ is not a regular file\n {2}hint: put a text file in its place\n$/],
    "a link to a device": [
      EVILS["a link to a device"]!,
      /^error: \S+ is (not a regular file\n {2}hint: put a text file|a link to \S+, outside .*\n {2}hint: put a regular file) in its place/,
    ],
    "100 MB": [
      (rig, path) => truncateSync(rig.write(relative(rig.cwd, path), ""), 100_000_000),
      /^error: \S+ is larger than .* may be \(\d+ [KM]iB\)\n {2}hint: keep data in files of its own\n$/,
    ],
  };

  test.each(FILES)("is told in the same words by whoever reads it: %s", async (name) => {
    await using rig = await Rig.make();
    git(rig.cwd, "init", "-q");
    // A lock counts before the file that it is of.
    if (name === "setup.cfg" || name === ".python-version") rig.write("requirements.txt", "");
    const file = join(rig.cwd, name);
    for (const [what, [put, says]] of Object.entries(PUT)) {
      rmSync(file, { recursive: true, force: true });
      await put(rig, file);
      for (const verb of [
        ["worktree", "status"],
        ["worktree", "init"],
        ["worktree", "status", "--json"],
      ]) {
        const { exitCode, stderr, stdout } = await rig.skerry(verb);
        const told = verb.includes("--json") ? tellOf(stdout) : stderr;
        expect({ what, verb, told }).toEqual({ what, verb, told: expect.stringMatching(says) });
        expect(told).toContain(`error: ${file} `);
        expect(exitCode).not.toBe(0);
      }
      if (name !== ".python-version" && name !== "skerry.toml") continue;
      expect((await rig.skerry(["run", "--", "true"])).stderr).toMatch(says);
    }
  });

  /** An error in JSON as people are told it. */
  function tellOf(json: string): string {
    const { error } = JSON.parse(json) as { error: { message: string; hint: string } };
    return `error: ${error.message}\n  hint: ${error.hint}\n`;
  }
});

test("a pixi project is looked for in the same folders: create makes no environment of one around a checkout", async () => {
  await using at = await checkout("pixi.toml");
  const { rig, deep, file } = at;
  const create = (cwd: string, env = {}) => rig.skerry(["create", "--engine", "pixi"], { cwd, env });
  rig.write("app/pixi.toml", "[");
  expect((await create(deep)).stderr).toContain(`${file} is not valid TOML`);
  const none = "is no pixi project: it has no pixi.toml";
  expect((await create(deep, WITHOUT)).stderr).toContain(none);
  const inner = join(deep, "inner");
  mkdirSync(inner);
  git(inner, "init", "-q");
  expect((await create(inner)).stderr).toContain(none);
  if (process.geteuid?.() !== 0) return;
  chownSync(file, 54_321, 54_321);
  expect((await create(deep)).stderr).toContain(`${file} belongs to another user`);
});
