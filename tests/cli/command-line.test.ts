import { describe, expect, test } from "bun:test";
import manifest from "../../package.json" with { type: "json" };
import { allVerbs } from "../../src/cli/verbs.ts";
import { Rig } from "../rig/rig.ts";

const VERBS = (await allVerbs()).filter((spec) => !spec.hidden).map((spec) => spec.name);

describe("skerry", () => {
  test("alone says what there is", async () => {
    await using rig = await Rig.make();
    expect(rig.show(await rig.skerry([]))).toMatchSnapshot();
  });

  test.each(VERBS)("%s --help", async (verb) => {
    await using rig = await Rig.make();
    const outcome = await rig.skerry([verb, "--help"]);
    expect(rig.show(outcome)).toMatchSnapshot();
    if (verb !== "help") expect(await rig.skerry(["help", verb])).toEqual(outcome);
    const told = await rig.skerry([verb, "--help", "--json"]);
    expect(JSON.parse(told.stdout)).toEqual({ schema: 1, help: outcome.stdout.trimEnd() });
  });

  test.each([["--version"], ["-V"], ["version"]])("%s prints the version", async (word) => {
    await using rig = await Rig.make();
    expect(await rig.skerry([word])).toEqual({ exitCode: 0, stdout: `skerry ${manifest.version}\n`, stderr: "" });
    expect(JSON.parse((await rig.skerry([word, "--json"])).stdout)).toEqual({ schema: 1, version: manifest.version });
  });

  test.each([
    ["a mistyped verb", ["crate", "web"]],
    ["a verb that is like no other", ["frobnicate"]],
    ["a mistyped option", ["create", "--pyton", "3.12"]],
    ["a mistyped option without a verb", ["--versoin"]],
    ["a missing environment", ["exec"]],
    ["a missing command", ["exec", "web"]],
    ["two modes", ["create", "--thin", "--full"]],
    ["a variable without a value", ["exec", "--env", "NAME", "web", "--", "true"]],
    ["a time that is none", ["exec", "--timeout", "soon", "web", "--", "true"]],
    ["nothing to install", ["install", "web"]],
    ["help for what isn't there", ["help", "instal"]],
    ["control characters", ["\x1b[31mred"]],
    ["a folder that isn't there", ["ls", "-C", "missing"]],
  ])("refuses %s", async (_, args) => {
    await using rig = await Rig.make();
    expect(rig.show(await rig.skerry(args))).toMatchSnapshot();
  });

  test("tells an error as one JSON document on standard output", async () => {
    await using rig = await Rig.make();
    const { exitCode, stdout, stderr } = await rig.skerry(["exec", "--json", "--timout", "3s", "web", "--", "true"]);
    expect({ exitCode, stderr, document: JSON.parse(stdout) }).toEqual({
      exitCode: 125,
      stderr: "",
      document: {
        schema: 1,
        error: { code: "SKE-USAGE", message: "skerry exec has no option --timout", hint: "did you mean --timeout?" },
      },
    });
  });

  test("takes global options before the verb too", async () => {
    await using rig = await Rig.make();
    const { stdout } = await rig.skerry(["--json", "-C", "/", "version"]);
    expect(JSON.parse(stdout)).toEqual({ schema: 1, version: manifest.version });
  });

  test("has colours on a terminal, and none when nobody wants them", async () => {
    await using rig = await Rig.make();
    expect((await rig.skerry(["help"], { tty: true })).stdout).toContain("\x1b[1mCommands:");
    expect((await rig.skerry(["help", "--no-color"], { tty: true })).stdout).not.toContain("\x1b");
    expect((await rig.skerry(["help"], { tty: true, env: { NO_COLOR: "1" } })).stdout).not.toContain("\x1b");
  });

  test("ends quietly when nobody reads its output", async () => {
    await using rig = await Rig.make();
    // The reader is gone before anything is written.
    const script = 'exec 3>&1; { sleep 0.3; "$0" help; echo "status $?" >&3; } | true';
    const { stdout, stderr } = await rig.run(["bash", "-c", script, process.env.SKERRY_BIN ?? "dist/skerry"], {
      cwd: `${import.meta.dirname}/../..`,
    });
    expect({ stdout, stderr }).toEqual({ stdout: "status 141\n", stderr: "" });
  });
});
