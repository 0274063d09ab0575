import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ProgramOptions, Rig, SKERRY } from "../rig/rig.ts";
import { asOthers, repository, said, tasksOf, trust } from "./project.ts";

/** A task that notes each of its runs in a file that no pattern of the tests matches. */
const counted = (inputs: string[]) => `[tasks.t]
command = "echo ran >> log"
shell = true
environment = false
inputs = ${JSON.stringify(inputs)}
`;
const runs = (folder: string) => readFileSync(join(folder, "log"), "utf8").split("\n").length - 1;
const planned = async (rig: Rig, options: ProgramOptions = {}) =>
  JSON.parse(await said(rig, ["t", "--dry-run", "--json"], options)).tasks[0].action;

describe("links below what a pattern names", () => {
  test.each([[["src"]], [["src/**"]], [["src/*"]]])(
    "in circles, and out of the project, lead nowhere: %j",
    async (inputs) => {
      await using rig = await Rig.make();
      rig.write("skerry.toml", counted(inputs));
      for (const [path, target] of [
        ["a/x", ".."],
        ["b/y", ".."],
        ["usr", "/usr"],
      ] as const) {
        mkdirSync(join(rig.cwd, "src", path, ".."), { recursive: true });
        symlinkSync(target, join(rig.cwd, "src", path));
      }
      rig.write("src/file", "");
      // Nobody has trusted it.
      expect(await planned(rig, { timeout: 20_000 })).toBe("run");
    },
  );

  test("count by where they lead, a file's also by its content", async () => {
    await using rig = await tasksOf(counted(["src"]), { "src/file": "", "inner/x": "a" });
    const outside = join(rig.root, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "file"), "a");
    symlinkSync(outside, join(rig.cwd, "src/folder"));
    symlinkSync(join(outside, "file"), join(rig.cwd, "src/elsewhere"));
    symlinkSync("../inner/x", join(rig.cwd, "src/here"));
    const steps: [what: string, change: () => void, runs: number][] = [
      ["the first time", () => {}, 1],
      ["again", () => {}, 1],
      ["a folder out there", () => writeFileSync(join(outside, "new"), ""), 1],
      ["a file in here", () => rig.write("inner/x", "b"), 2],
      ["a file out there", () => writeFileSync(join(outside, "file"), "bb"), 3],
      ["again", () => {}, 3],
      ["another target", () => rmSync(join(rig.cwd, "src/folder")), 4],
    ];
    for (const [what, change, expected] of steps) {
      change();
      await said(rig, ["t"]);
      expect(runs(rig.cwd), what).toBe(expected);
    }
  }, 30_000);
});

describe("a folder that a pattern names", () => {
  test("may be the main checkout's, which worktrees share by a link", async () => {
    await using rig = await Rig.make();
    const [one] = repository(rig, { "skerry.toml": counted(["data"]), "data/x": "a" }, "one") as [string];
    rmSync(join(one, "data"), { recursive: true });
    symlinkSync("../main/data", join(one, "data"));
    await trust(rig, one);
    const step = async () => {
      await said(rig, ["t"], { cwd: one });
      return runs(one);
    };
    expect([await step(), await step()]).toEqual([1, 1]);
    rig.write("main/data/x", "b");
    expect([await step(), await step()]).toEqual([2, 2]);
  }, 30_000);

  test("and leads elsewhere tells nothing: the task runs", async () => {
    await using rig = await tasksOf(counted(["src", "data"]), { "src/x": "" });
    symlinkSync(rig.tmp, join(rig.cwd, "data"));
    await said(rig, ["t"]);
    await said(rig, ["t"]);
    expect(runs(rig.cwd)).toBe(2);
  });
});

describe("what can't be read", () => {
  test.each([["secret"], ["src"], ["src/**"]])("isn't taken for unchanged: %s", async (input) => {
    await using rig = await tasksOf(counted(["open", input]), { open: "", secret: "", "src/sub/x": "" });
    const locked = ["secret", "src/sub"].map((path) => join(rig.cwd, path));
    for (const path of locked) chmodSync(path, 0);
    try {
      for (const expected of [1, 2]) {
        expect(await rig.run(asOthers([SKERRY, "task", "t"]))).toMatchObject({ exitCode: 0 });
        expect(runs(rig.cwd)).toBe(expected);
      }
    } finally {
      for (const path of locked) chmodSync(path, 0o700);
    }
  });
});

describe("a pattern that goes through folders again and again", () => {
  /** Folders in each other, with enough in each. */
  async function deep(): Promise<Rig> {
    const rig = await tasksOf(counted([`${"**/".repeat(6)}none`]));
    for (let depth = 1, path = "d"; depth <= 30; depth++, path += "/d") {
      for (let i = 0; i < 100; i++) rig.write(`${path}/${i}`, "");
    }
    return rig;
  }

  test("is refused, and Ctrl-C ends it before", async () => {
    await using rig = await deep();
    const running = rig.start([SKERRY, "task", "t", "--dry-run"], { timeout: 30_000 });
    setTimeout(() => running.kill("SIGINT"), 500);
    expect(await running.exit).toMatchObject({ exitCode: 130, stderr: expect.stringContaining("Stopped by SIGINT") });
    const refused = await rig.skerry(["task", "t", "--dry-run"], { timeout: 50_000 });
    expect(refused).toMatchObject({ exitCode: 125, stderr: expect.stringContaining("through too many folders") });
  }, 90_000);
});
