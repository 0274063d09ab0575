import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type ProgramOptions, Rig } from "../rig/rig.ts";
import { expectRefusal } from "./refusal.ts";
import { rigWithWeb } from "./setup.ts";

const ESCAPE = "\x1b";

describe("colours", () => {
  const heading = async (rig: Rig, args: readonly string[] = [], options: ProgramOptions = {}) =>
    (await rig.skerry(["ls", ...args], options)).stdout.startsWith(`${ESCAPE}[1m`);

  test("are as the flag says, else NO_COLOR, else the variable, else the files", async () => {
    await using rig = await rigWithWeb();
    expect(await heading(rig)).toBe(false);
    rig.write("skerry.toml", 'color = "always"\n');
    expect(await heading(rig)).toBe(true);
    expect(await heading(rig, [], { env: { SKERRY_COLOR: "never" } })).toBe(false);
    expect(await heading(rig, [], { env: { NO_COLOR: "1" } })).toBe(false);
    expect(await heading(rig, ["--no-color"], { env: { SKERRY_COLOR: "always" } })).toBe(false);
    rig.write("skerry.toml", 'color = "never"\n');
    expect(await heading(rig, [], { tty: true })).toBe(false);
    expect(await heading(rig, [], { env: { SKERRY_COLOR: "always" } })).toBe(true);
    rig.write("skerry.toml", 'color = "pink"\n');
    expect(await rig.skerry(["ls"])).toMatchObject({ exitCode: 0 });
  });

  test("of what is said before any file is read are as the variable says", async () => {
    await using rig = await Rig.make();
    const { stderr } = await rig.skerry(["frobnicate"], { env: { SKERRY_COLOR: "always" } });
    expect(stderr).toContain(`${ESCAPE}[31merror:`);
  });
});

test("a mistyped variable is told once by what reads the configuration, unless nobody wants to be told", async () => {
  await using rig = await Rig.make();
  const env = { SKERRY_PYHTON: "3.12" };
  const warning = "warning: the variable SKERRY_PYHTON means nothing to Skerry; did you mean SKERRY_PYTHON?\n";
  const create = ["create", "--engine", "basic"];
  const { stdout, stderr } = await rig.skerry([...create, "one", "--json"], { env });
  expect({ stderr, made: JSON.parse(stdout) }).toMatchObject({
    stderr: warning,
    made: { environment: { name: "one" } },
  });
  expect(await rig.skerry([...create, "two", "--quiet"], { env })).toMatchObject({ stderr: "" });
  expect((await rig.skerry(["rm", "two"], { env })).stderr).toBe(`${warning}removed two\n`);
});

describe("in a project that isn't trusted", () => {
  test("everything works that applies nothing of it, and the rest is refused", async () => {
    await using rig = await rigWithWeb();
    rig.write("skerry.toml", 'timeout = "100ms"\n[variables]\nLD_PRELOAD = "evil.so"\n');
    const works = async (args: readonly string[], exitCode = 0) =>
      expect(await rig.skerry(args), args.join(" ")).toMatchObject({ exitCode });
    for (const line of ["ls", "show web", "packages web", "check web", "events", "activate web"])
      await works(line.split(" "));
    await works(["exec", "web", "--json", "--", "true"]);
    await works(["exec", "web", "--timeout", "10s", "--", "true"]);
    // What may always be set counts.
    await works(["exec", "web", "--", "sleep", "60"], 124);
    const refused = {
      code: "SKE-CONFIG-UNTRUSTED",
      exit: 5,
      message: /variables can run programs/,
      hint: /skerry trust/,
    } as const;
    await expectRefusal(rig, { args: ["create", "other"], ...refused });
    await expectRefusal(rig, { args: ["install", "web", "demo"], ...refused });
    await expectRefusal(rig, { args: ["run", "--", "true"], ...refused, exit: 125 });
    await works(["rm", "web"]);
  });

  test("nothing works that would look for the state where the project says", async () => {
    await using rig = await rigWithWeb();
    rig.write("skerry.toml", 'home = ".skerry"\n');
    const env = { SKERRY_HOME: undefined };
    expect(await rig.skerry(["ls"], { env })).toMatchObject({ exitCode: 5 });
    rmSync(join(rig.cwd, "skerry.toml"));
    expect(await rig.skerry(["ls"], { env })).toMatchObject({ exitCode: 0 });
  });
});
