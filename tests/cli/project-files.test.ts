import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
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
