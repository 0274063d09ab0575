import { describe, expect, test } from "bun:test";
import { chownSync } from "node:fs";
import { join } from "node:path";
import { allVerbs } from "../../src/cli/verbs.ts";
import { ORDINARY } from "../rig/ordinary.ts";
import { newestPython, Rig } from "../rig/rig.ts";

/** The verbs that change or remove an environment, with what comes after it. */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  install: ["./nowhere"],
  uninstall: ["nothing"],
  update: ["nothing"],
  undo: [],
  redo: [],
  restore: ["--at", "1"],
  sync: [],
  repair: [],
  pin: [],
  unpin: [],
  rm: [],
};

/** Those that leave it as it is. */
const KEEPS = ["exec", "shell", "activate", "show", "clone", "lock", "packages", "check"];

describe("an environment that is named by . is told before it is changed or removed", () => {
  test("by all verbs that take one", async () => {
    const all = (await allVerbs()).filter(({ operands }) => operands[0]?.complete === "environment");
    const visible = all.filter(({ hidden }) => !hidden).map(({ name }) => name);
    expect(visible.sort()).toEqual([...Object.keys(CHANGES), ...KEEPS].sort());
  });

  test("with its name and place, whatever becomes of it", async () => {
    await using rig = await Rig.make();
    const made = await rig.skerry(["create", "web", "--prefix", ".venv", "--python", newestPython().path]);
    expect(made).toMatchObject({ exitCode: 0 });
    for (const [verb, words] of Object.entries(CHANGES)) {
      const { stderr } = await rig.skerry([verb, ".", ...words]);
      const told = `the environment of this folder is web, in ${rig.cwd}/.venv\n`;
      expect({ verb, stderr }).toEqual({ verb, stderr: expect.stringContaining(told) });
      if (verb === "rm") break;
      // Its name says it already.
      const named = await rig.skerry([verb, "web", ...words]);
      expect({ verb, ...named }).toEqual({ verb, ...named, stderr: expect.not.stringContaining("of this folder") });
    }
    expect((await rig.skerry(["ls", "--json"])).stdout).not.toContain("web");
  });
});

describe("the environment of a folder", () => {
  test("is no file that SKERRY_NO_CONFIG leaves out", async () => {
    await using rig = await Rig.make();
    await rig.skerry(["create", "web", "--prefix", ".venv", "--python", newestPython().path]);
    const { exitCode, stdout } = await rig.skerry(["show", "."], { env: { SKERRY_NO_CONFIG: "1" } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining("web") });
  });

  test.skipIf(!ORDINARY)(
    "is for a user who isn't root none of a folder that root owns, around one of the user's",
    async () => {
      await using rig = await Rig.ordinary();
      rig.write("theirs/mine/file", "");
      const [theirs, mine] = [join(rig.cwd, "theirs"), join(rig.cwd, "theirs/mine")];
      const made = await rig.skerry(["create", "web", "--prefix", ".venv", "--python", rig.python], { cwd: theirs });
      expect(made).toMatchObject({ exitCode: 0 });
      chownSync(theirs, 0, 0);
      expect(await rig.skerry(["show", "."], { cwd: theirs })).toMatchObject({ exitCode: 0 });
      const { exitCode, stderr } = await rig.skerry(["rm", "."], { cwd: mine });
      expect({ exitCode, stderr }).toEqual({
        exitCode: 3,
        stderr: expect.stringContaining(`There is no environment of this folder, ${mine}`),
      });
    },
  );
});
