import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { matchFiles } from "../../src/tasks/globs.ts";
import { Rig, SKERRY } from "../rig/rig.ts";
import { said, task, tasksOf, trust } from "./project.ts";

const BUILD = `[tasks.build]
command = 'echo ran >> log; for name in src/*.txt; do cp "$name" out/; done; exit "$(cat status)"'
shell = true
environment = false
inputs = ["src/**/*.txt"]
outputs = ["out/*.txt"]
`;
const FILES = { "src/a.txt": "a", "src/deep/b.txt": "b", "src/other": "", "out/.keep": "", status: "0", log: "" };

/** How often the task has run. */
const runs = (rig: Rig) => readFileSync(join(rig.cwd, "log"), "utf8").split("\n").length - 1;

describe("a task with inputs and outputs", () => {
  test("runs again only when the content of one has changed, or how it is run", async () => {
    await using rig = await tasksOf(BUILD, FILES);
    const at = (path: string) => join(rig.cwd, path);
    const steps: [what: string, change: () => void, args: string[], runs: number][] = [
      ["the first time", () => {}, [], 1],
      ["again", () => {}, [], 1],
      ["touched", () => utimesSync(at("src/a.txt"), 1, 1), [], 1],
      ["a file that no pattern matches", () => rig.write("src/other", "x"), [], 1],
      ["what Python and others keep beside", () => rig.write("src/__pycache__/c.txt", "x"), [], 1],
      ["edited", () => rig.write("src/a.txt", "A"), [], 2],
      ["deep below", () => rig.write("src/deep/b.txt", "B"), [], 3],
      ["a new one", () => rig.write("src/c.txt", "c"), [], 4],
      ["renamed", () => renameSync(at("src/deep/b.txt"), at("src/deep/d.txt")), [], 5],
      ["an output is gone", () => rmSync(at("out/a.txt")), [], 6],
      ["all outputs are gone", () => ["a.txt", "c.txt"].map((name) => rmSync(at(`out/${name}`))), [], 7],
      ["an output was edited", () => rig.write("out/a.txt", "x"), [], 8],
      ["other arguments", () => {}, ["--", "x"], 9],
      ["the same arguments", () => {}, ["--", "x"], 9],
      ["by force", () => {}, ["--force", "--", "x"], 10],
      ["unchanged after that", () => {}, ["--", "x"], 10],
    ];
    for (const [what, change, args, expected] of steps) {
      change();
      await said(rig, ["build", ...args]);
      expect(runs(rig), what).toBe(expected);
    }
    rig.write("skerry.toml", BUILD.replace("inputs", 'env = { MODE = "x" }\ninputs'));
    await trust(rig);
    await said(rig, ["build", "--", "x"]);
    expect(runs(rig)).toBe(11);
  }, 60_000);

  test("runs again after a failure, and after it was killed half-way", async () => {
    await using rig = await tasksOf(BUILD, FILES);
    await said(rig, ["build"]);
    rig.write("src/a.txt", "A");
    rig.write("status", "3");
    expect((await task(rig, ["build"])).exitCode).toBe(3);
    rig.write("src/a.txt", "a");
    rig.write("out/a.txt", "a");
    rig.write("status", "0");
    // As before the failure, but what that did to other files nobody knows.
    await said(rig, ["build"]);
    expect(runs(rig)).toBe(3);

    rig.write("skerry.toml", BUILD.replace("exit ", "echo begun; [ -e wait ] && sleep 60; exit "));
    await trust(rig);
    rig.write("wait", "");
    const running = rig.start([SKERRY, "task", "build"]);
    await running.until(/begun/);
    running.kill("SIGKILL");
    rig.endProcesses();
    await running.exit;
    rmSync(join(rig.cwd, "wait"));
    await said(rig, ["build"]);
    await said(rig, ["build"]);
    expect(runs(rig)).toBe(5);
  }, 60_000);

  test("tells in a dry run what would be skipped, and runs nothing", async () => {
    await using rig = await tasksOf(`${BUILD}[tasks.all]\ndepends-on = ["build"]\n`, FILES);
    const actions = async () => {
      const { tasks } = JSON.parse(await said(rig, ["all", "--dry-run", "--json"]));
      return tasks.map(({ name, action }: { name: string; action: string }) => `${name}: ${action}`);
    };
    expect(await actions()).toEqual(["build: run", "all: group"]);
    expect(runs(rig)).toBe(0);
    await said(rig, ["all"]);
    expect(await actions()).toEqual(["build: skip", "all: group"]);
    expect((await task(rig, ["build"])).stderr).toBe("build is unchanged since it last succeeded; --force runs it\n");
    // Patterns without any file say nothing of what would change.
    rmSync(join(rig.cwd, "src"), { recursive: true });
    mkdirSync(join(rig.cwd, "src"));
    expect(await actions()).toEqual(["build: run", "all: group"]);
  });

  test("keeps what it knows out of the project, and of no project that is gone", async () => {
    await using rig = await tasksOf(BUILD, FILES);
    await said(rig, ["build"]);
    const copy = join(rig.root, "copy");
    await rig.run(["cp", "-r", rig.cwd, copy]);
    await trust(rig, copy);
    await said(rig, ["build"], { cwd: copy });
    // A copy is another folder: what is known of the original isn't true of it.
    expect(readFileSync(join(copy, "log"), "utf8")).toBe("ran\nran\n");
    const kept = () => Array.from(new Bun.Glob("*.json").scanSync(join(rig.home, "tasks"))).length;
    expect(kept()).toBe(2);
    rmSync(copy, { recursive: true });
    await said(rig, ["build", "--force"]);
    expect(kept()).toBe(1);
  });

  test("runs when what is kept of it is damaged", async () => {
    await using rig = await tasksOf(BUILD, FILES);
    await said(rig, ["build"]);
    for (const name of new Bun.Glob("*.json").scanSync(join(rig.home, "tasks"))) {
      writeFileSync(join(rig.home, "tasks", name), '{"format":1,');
    }
    await said(rig, ["build"]);
    expect(runs(rig)).toBe(2);
  });
});

describe("patterns", () => {
  const tree = [
    "a.py",
    "b.txt",
    "d/a.py",
    "d/e/a.py",
    "d/e/f.c",
    ".hidden/a.py",
    ".x.py",
    "d/__pycache__/a.py",
    "[x].py",
  ];

  test.each<[string[], string[]]>([
    [["*.py"], ["[x].py", "a.py"]],
    [["**/*.py"], ["[x].py", "a.py", "d/a.py", "d/e/a.py"]],
    [["**"], ["[x].py", "a.py", "b.txt", "d/a.py", "d/e/a.py", "d/e/f.c", "loop/up"]],
    [["d"], ["d/a.py", "d/e/a.py", "d/e/f.c"]],
    [["./d/"], ["d/a.py", "d/e/a.py", "d/e/f.c"]],
    [["d/*"], ["d/a.py", "d/e/a.py", "d/e/f.c"]],
    [["**/e/*.[a-c]"], ["d/e/f.c"]],
    [["?.[!p]*"], ["b.txt"]],
    [
      ["**/*.py", "!d/e", "!a.py"],
      ["[x].py", "d/a.py"],
    ],
    [
      [".x.py", ".hidden/*"],
      [".hidden/a.py", ".x.py"],
    ],
    [["no", "a.py/x", "a.py/**"], []],
    [["[[]x].py"], ["[x].py"]],
    // A link stands for itself.
    [["loop"], ["loop/up"]],
    [
      ["loop/up"],
      [
        "loop/up/[x].py",
        "loop/up/a.py",
        "loop/up/b.txt",
        "loop/up/d/a.py",
        "loop/up/d/e/a.py",
        "loop/up/d/e/f.c",
        "loop/up/loop/up",
      ],
    ],
  ])("%j", async (patterns, expected) => {
    await using rig = await Rig.make();
    for (const path of tree) rig.write(path, "");
    mkdirSync(join(rig.cwd, "loop"));
    symlinkSync("..", join(rig.cwd, "loop/up"));
    expect(await matchFiles({ folder: rig.cwd, reach: [rig.cwd] }, patterns)).toEqual(expected);
  });

  test("with many stars end on a long name", async () => {
    await using rig = await Rig.make();
    const name = "a".repeat(200);
    rig.write(name, "");
    const ground = { folder: rig.cwd, reach: [rig.cwd] };
    expect(await matchFiles(ground, [`${"*a".repeat(40)}*b`])).toEqual([]);
    expect(await matchFiles(ground, [`${"*a".repeat(40)}*`])).toEqual([name]);
  });

  test("of any text end, and match only what is there", async () => {
    await using rig = await Rig.make();
    for (const path of tree) rig.write(path, "");
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom(..."ad.*?[]!/-^\\pyx{}()") }), async (pattern) => {
        const found = await matchFiles({ folder: rig.cwd, reach: [rig.cwd] }, [pattern]);
        for (const path of found ?? []) expect(tree).toContain(path);
      }),
      { numRuns: 500 },
    );
  });
});
