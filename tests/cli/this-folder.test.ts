import { describe, expect, test } from "bun:test";
import { COMMANDS } from "../../src/cli/commands.ts";
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
  test("by all verbs that take one", () => {
    const all = COMMANDS.filter(({ operands }) => operands[0]?.complete === "environment");
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
