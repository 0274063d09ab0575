import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { startIndex } from "../rig/index.ts";
import { newestPython, type Outcome, Rig, SKERRY } from "../rig/rig.ts";
import { projectFiles } from "../rig/wheel.ts";
import { packagesFrom, withoutProgress } from "./setup.ts";

/** A rig with a project in its folder `proj`. */
async function setUp() {
  const rig = await Rig.make();
  const index = await startIndex({ distributions: [] });
  for (const [path, bytes] of Object.entries(projectFiles({ name: "proj", version: "1.0" })))
    await Bun.write(join(rig.cwd, "proj", path), bytes);
  const env = { ...packagesFrom(index.url), SKERRY_PYTHON: newestPython().path };
  return {
    rig,
    env,
    skerry: (...args: string[]): Promise<Outcome> => rig.skerry(args, { env }),
    left: () => readdirSync(join(rig.home, "envs")),
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      await rig[Symbol.asyncDispose]();
    },
  };
}

test("what create, import and clone make for a shell goes with that, not with the command", async () => {
  await using at = await setUp();
  const { rig, env } = at;
  await Bun.write(join(rig.cwd, "requirements.txt"), "");
  const life = { ...env, SKERRY_AUTO_CLEANUP: "exit" };
  for (const args of [
    ["create", "made"],
    ["import", "requirements", "--name", "taken"],
    ["clone", "made", "copy"],
  ])
    expect(await rig.skerry(args, { env: life })).toMatchObject({ exitCode: 0 });
  expect((await at.skerry("ls", "-q")).stdout.split("\n").map((line) => line.split(" ")[0])).toEqual(
    expect.arrayContaining(["made", "taken", "copy"]),
  );
});

describe("run with a project folder", () => {
  test("runs in an environment of its own, which is gone afterwards, and ends as the command does", async () => {
    await using at = await setUp();
    const code = "import proj, sys; print(proj.VERSION, sys.stdin.read()); sys.exit(7)";
    for (const options of [
      ["-e", "proj"],
      ["--with", "./proj"],
    ]) {
      const { exitCode, stdout, stderr } = await at.skerry("run", ...options, "--", "python", "-c", code);
      expect({ exitCode, stdout, stderr: withoutProgress(stderr) }).toEqual({
        exitCode: 7,
        stdout: "1.0 \n",
        stderr: "",
      });
      expect(at.left()).toEqual([]);
    }
  });

  test("leaves nothing when the command isn't there, or is ended", async () => {
    await using at = await setUp();
    expect((await at.skerry("run", "-e", "proj", "--", "no-such-program")).exitCode).toBe(127);
    expect(at.left()).toEqual([]);
    const { exitCode } = await at.skerry("run", "-e", "proj", "--", "sh", "-c", "kill -TERM $PPID; exec sleep 30");
    expect(exitCode).toBe(143);
    expect(at.left()).toEqual([]);
  });

  test("leaves what a kill left to the next command, once nothing runs in it", async () => {
    await using at = await setUp();
    const { exitCode } = await at.skerry("run", "-e", "proj", "--", "sh", "-c", "kill -KILL $PPID");
    expect(exitCode).toBe(137);
    expect((await at.skerry("ls", "--cached")).stdout).toBe("");
    expect(at.left()).toEqual([]);
  });

  test("keeps it when the command failed and that is asked for, and says where", async () => {
    await using at = await setUp();
    const run = (command: string) => at.skerry("run", "-e", "proj", "--cleanup", "keep-on-failure", "--", command);
    expect((await run("true")).stderr).not.toContain("kept");
    expect(at.left()).toEqual([]);
    const { exitCode, stderr } = await run("false");
    const [id = ""] = at.left();
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(`skerry shell ${id}`) });
    expect((await at.skerry("ls", "--cached")).stdout).toContain("never: its last command failed");
    expect((await at.skerry("rm", id)).exitCode).toBe(0);
  });
});

test("what create says of its end is shown, and done", async () => {
  await using at = await setUp();
  const create = (...args: string[]) => at.skerry("create", ...args, "--engine", "basic");
  await create("soon", "--ttl", "1ms");
  await create("week", "--ttl", "7d", "--idle", "2h");
  await create("plain");
  expect((await at.skerry("ls", "--json")).stdout).not.toContain("soon");
  expect((await at.skerry("show", "week")).stdout).toMatch(/goes +in (2 h 0|1 h 59) min/);
  expect((await at.skerry("pin", "week")).exitCode).toBe(0);
  expect((await at.skerry("ls")).stdout).toMatch(/week .* never: pinned .*\nplain .* never /);
  await at.skerry("unpin", "week");
  expect((await at.skerry("ls")).stdout).toMatch(/week .* in (2 h 0|1 h 59) min /);
  expect((await at.skerry("pin", "nothing")).exitCode).toBe(3);
  const script = `"${SKERRY}" create guest --engine basic --cleanup exit; "${SKERRY}" ls --json`;
  expect((await at.rig.run(["sh", "-c", script])).stdout).toMatch(/^guest\n.*"name":"guest"/);
  expect((await at.skerry("ls", "--json")).stdout).not.toContain("guest");
});
