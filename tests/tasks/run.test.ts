import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expectRefusal } from "../cli/refusal.ts";
import { Rig, SKERRY } from "../rig/rig.ts";
import { said, task, tasksOf } from "./project.ts";

/** Prints its arguments, one a line. */
const SHOW = { "show.sh": '#!/bin/sh\nprintf "%s\\n" "$@"\n' };

describe("skerry task", () => {
  test("lists tasks with where they come from, without trust and running nothing", async () => {
    await using rig = await Rig.make();
    rig.write(
      "skerry.toml",
      '[tasks]\nshow = "sh show.sh \'a b\'"\nbad = "a | b"\nall = { depends-on = ["show"], description = "Everything" }\n',
    );
    expect((await task(rig)).stdout).toBe(
      'TASK  FROM\nshow  skerry.toml  sh show.sh "a b"\nbad   skerry.toml  a | b\nall   skerry.toml  Everything\n',
    );
    const { tasks } = JSON.parse(await said(rig, ["--json"]));
    expect(tasks.map(({ name }: { name: string }) => name)).toEqual(["show", "bad", "all"]);
    expect(tasks[0]).toMatchObject({ source: "project", command: { kind: "words", argv: ["sh", "show.sh", "a b"] } });
    rig.write("skerry.toml", "");
    expect(await task(rig)).toMatchObject({ exitCode: 0, stdout: "" });
  });

  test("runs nothing of a project that isn't trusted, nor of one that has changed since", async () => {
    await using rig = await tasksOf('[tasks.t]\ncommand = "touch ran"\nenvironment = false\n');
    rig.write("skerry.toml", '[tasks.t]\ncommand = "touch other"\nenvironment = false\n');
    const refused = {
      args: ["task", "t"],
      code: "SKE-CONFIG-UNTRUSTED",
      exit: 125,
      message: /tasks can run/,
      hint: /skerry trust/,
    } as const;
    await expectRefusal(rig, refused);
    expect(await task(rig, ["t", "--dry-run"])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("touch other"),
    });
    await rig.skerry(["trust", "--yes"]);
    await said(rig, ["t"]);
    expect(existsSync(join(rig.cwd, "other"))).toBe(true);
  });

  test("gives words and arguments as they are, whatever a shell would do with them", async () => {
    const toml = `[tasks]
words = { command = ["sh", "show.sh", "$(touch a)", "*"], environment = false }
text = { command = "sh show.sh '$(touch b)' ''", environment = false }
shell = { command = 'printf "%s," "$0" "$@" | tr , "\\n"', shell = true, environment = false }
`;
    await using rig = await tasksOf(toml, SHOW);
    const args = ["--", "$(touch c)", "", "a;touch d", "--json", "a\nb"];
    expect(await said(rig, ["words", ...args])).toBe("$(touch a)\n*\n$(touch c)\n\na;touch d\n--json\na\nb\n");
    expect(await said(rig, ["text", ...args])).toBe("$(touch b)\n\n$(touch c)\n\na;touch d\n--json\na\nb\n");
    expect(await said(rig, ["shell", ...args])).toBe("shell\n$(touch c)\n\na;touch d\n--json\na\nb\n");
    expect(readdirSync(rig.cwd).sort()).toEqual(["show.sh", "skerry.toml"]);
  });

  test("sets variables and the folder, reads the terminal's input, and passes the status on", async () => {
    const toml = `[tasks]
where = { command = 'pwd; echo "$MODE"; cat; exit 7', shell = true, cwd = "sub", env = { MODE = "a b $X" }, environment = false }
`;
    await using rig = await tasksOf(toml, { "sub/x": "" });
    const outcome = await task(rig, ["where"], { input: "typed\n" });
    expect(outcome).toMatchObject({ exitCode: 7, stdout: `${rig.cwd}/sub\na b $X\ntyped\n` });
    expect(outcome.stderr).toContain("where failed: 7");
    // From any folder below, it is the project's.
    expect((await task(rig, ["where"], { cwd: join(rig.cwd, "sub") })).stdout).toBe(`${rig.cwd}/sub\na b $X\n`);
  });

  test("runs what a task depends on first, independent ones at once, with whole lines under their names", async () => {
    // Each waits for the other's file: alone, neither could end.
    const meet = (own: string, other: string) =>
      `{ command = 'touch ${own}; until [ -e ${other} ]; do sleep 0.02; done; printf ${own}; sleep 0.2; echo ${own}; echo err >&2', shell = true, environment = false, timeout = "20s" }`;
    const toml = `[tasks]
one = ${meet("a", "b")}
two = ${meet("b", "a")}
last = { command = "echo last", depends-on = ["one", "two", "group"], environment = false }
group = { depends-on = ["one"] }
`;
    await using rig = await tasksOf(toml);
    const { exitCode, stdout, stderr } = await task(rig, ["last", "--jobs", "2"]);
    expect({ exitCode, lines: stdout.split("\n").slice(0, 2).sort(), rest: stdout.split("\n").slice(2) }).toEqual({
      exitCode: 0,
      lines: ["one | aa", "two | bb"],
      rest: ["last | last", ""],
    });
    expect(stderr.split("\n").sort()).toEqual(["", "one | err", "two | err"]);
  });

  test("stops what runs when one fails, begins nothing more, and has its status", async () => {
    const toml = `[tasks]
slow = { command = 'touch slow; trap "touch stopped; exit 0" INT; sleep 30 & wait; touch slept', shell = true, environment = false }
bad = { command = 'until [ -e slow ]; do sleep 0.02; done; sleep 0.1; exit 9', shell = true, environment = false }
never = { command = "touch never", depends-on = ["bad"], environment = false }
all = { depends-on = ["slow", "never"] }
`;
    await using rig = await tasksOf(toml);
    const { exitCode, stderr } = await task(rig, ["all", "--jobs", "2"]);
    expect(exitCode).toBe(9);
    expect(stderr).toContain("bad failed: 9");
    expect(readdirSync(rig.cwd).sort()).toEqual(["skerry.toml", "slow", "stopped"]);
  }, 30_000);

  test("begins in a folder that an earlier task makes", async () => {
    const toml = `[tasks]
make = { command = "mkdir build", environment = false }
inside = { command = "pwd", cwd = "build", depends-on = ["make"], environment = false }
`;
    await using rig = await tasksOf(toml);
    expect(await task(rig, ["inside", "--dry-run"])).toMatchObject({ exitCode: 0 });
    expect(await said(rig, ["inside"])).toBe(`inside | ${rig.cwd}/build\n`);
  });

  test("tells a line without an end in pieces, and keeps nothing of it", async () => {
    const toml = `[tasks]
long = { command = "head -c 200M /dev/zero | tr '\\\\0' x", shell = true, environment = false }
all = { command = "true", depends-on = ["long"], environment = false }
`;
    await using rig = await tasksOf(toml);
    const script = `"$0" task all | tr -cd x | wc -c`;
    const { stdout } = await rig.run(["bash", "-c", script, SKERRY], { timeout: 30_000 });
    expect(stdout).toContain(`${200 << 20}`);
  }, 40_000);

  test("gives results as one JSON document", async () => {
    const toml =
      '[tasks]\na = { command = "echo out", environment = false }\nb = { command = "false", depends-on = ["a"], environment = false }\nc = { depends-on = ["b"] }\n';
    await using rig = await tasksOf(toml);
    const { exitCode, stdout } = await task(rig, ["c", "--json"]);
    const { tasks } = JSON.parse(stdout);
    expect(exitCode).toBe(1);
    expect(tasks).toMatchObject([
      { name: "a", outcome: "succeeded", exit: { stdout: "out\n", exitCode: 0 } },
      { name: "b", outcome: "failed", exit: { exitCode: 1 } },
      { name: "c", outcome: "not-run", exit: null },
    ]);
  });

  test("stops a task that takes too long, and all of them at a signal", async () => {
    const toml = `[tasks]
long = { command = "sleep 60", timeout = "300ms", environment = false }
a = { command = 'echo "began"; sleep 60', shell = true, environment = false }
both = { command = "true", depends-on = ["a"], environment = false }
`;
    await using rig = await tasksOf(toml);
    const long = await task(rig, ["long"]);
    expect(long.exitCode).toBe(124);
    expect(long.stderr).toContain("long took longer than");
    for (const [name, signal, exit] of [
      ["both", "SIGINT", 130],
      ["a", "SIGTERM", 143],
    ] as const) {
      const running = rig.start([SKERRY, "task", name]);
      await running.until(/began/);
      running.kill(signal);
      expect((await running.exit).exitCode).toBe(exit);
    }
  }, 30_000);
});

describe("on a terminal", () => {
  test("one task alone has it for itself, and its own use for Ctrl-C", async () => {
    const ask =
      'trap "echo caught; exit 5" INT; [ -t 0 ] && [ -t 1 ] && echo ready; read -r line; echo "got $line"; read -r line';
    await using rig = await tasksOf(`[tasks]\nask = { command = '${ask}', shell = true, environment = false }\n`);
    const running = rig.start([SKERRY, "task", "ask"], { tty: true });
    await running.until(/ready/);
    running.type("typed\n");
    await running.until(/got typed/);
    running.type("\x03");
    expect(await running.exit).toMatchObject({ exitCode: 5, stdout: expect.stringContaining("caught") });
  });

  test("Ctrl-C ends several, and all that they started", async () => {
    const toml = `[tasks]
a = { command = "echo begun; sleep 60 & sleep 60", shell = true, environment = false }
b = { command = "sleep 60", environment = false }
all = { depends-on = ["a", "b"] }
`;
    await using rig = await tasksOf(toml);
    const running = rig.start([SKERRY, "task", "all", "--jobs", "2"], { tty: true });
    await running.until(/a \|\S* begun/);
    running.type("\x03");
    const { exitCode, stdout } = await running.exit;
    expect(exitCode).toBe(130);
    expect(stdout).not.toContain("another task failed");
  }, 30_000);

  test("a second Ctrl-C kills what doesn't listen", async () => {
    const toml = `[tasks]
a = { command = "trap '' INT TERM HUP; (sleep 60 & echo begun; sleep 60); sleep 60", shell = true, environment = false }
b = { command = "sleep 60", environment = false }
all = { depends-on = ["a", "b"] }
`;
    // Disposing of the rig fails where a process is left.
    await using rig = await tasksOf(toml);
    const running = rig.start([SKERRY, "task", "all", "--jobs", "2"], { tty: true });
    await running.until(/a \|\S* begun/);
    running.type("\x03");
    await sleep(500);
    const began = performance.now();
    running.type("\x03");
    expect((await running.exit).exitCode).toBe(130);
    expect(performance.now() - began).toBeLessThan(3000);
  }, 30_000);
});

describe("a task that can't be run", () => {
  const toml = `[tasks]
a = { command = "true", depends-on = ["b"] }
b = { command = "true", depends-on = ["c"] }
c = { command = "true", depends-on = ["a"] }
d = { command = "true", depends-on = ["buid"] }
build = "true"
pipe = "touch x | cat"
out = { command = "true", cwd = "link", environment = false }
gone = { command = "true", cwd = "gone", environment = false }
file = { command = "true", cwd = "skerry.toml", environment = false }
group = { depends-on = ["build"] }
empty = {}
words = { command = ["a"], shell = true }
missing = { command = "no-such-program", environment = false }
blank = { command = ["", "x"], environment = false }
quotes = { command = "''", environment = false }
`;

  test.each([
    [["a"], "SKE-TASK-CYCLE", 125, /circle: a → b → c → a/, /depends-on/],
    [["buid"], "SKE-TASK-NOT-FOUND", 125, /no task "buid"/, /did you mean build\?/],
    [["d"], "SKE-TASK-NOT-FOUND", 125, /task d depends on "buid"/, /did you mean build\?/],
    [["pipe"], "SKE-TASK-INVALID", 125, /has \|, which only a shell/, /shell = true/],
    [["out"], "SKE-TASK-INVALID", 125, /leads out of the project/, /inside/],
    [["gone"], "SKE-TASK-INVALID", 125, /no folder/, /cwd/],
    [["file"], "SKE-TASK-INVALID", 125, /no folder/, /cwd/],
    [["group", "--", "x"], "SKE-USAGE", 125, /takes no arguments/, /build/],
    [["empty"], "SKE-TASK-INVALID", 125, /neither a command nor depends-on/, /command = /],
    [["words"], "SKE-TASK-INVALID", 125, /for no shell/, /one text/],
    [["missing"], "SKE-COMMAND-NOT-FOUND", 127, /no-such-program/, /spelling/],
    [["blank"], "SKE-TASK-INVALID", 125, /empty word/, /first word/],
    [["quotes"], "SKE-TASK-INVALID", 125, /empty word/, /first word/],
    [["build", "--jobs", "0"], "SKE-USAGE", 125, /1 or more/, /--jobs 4/],
    [["--force"], "SKE-USAGE", 125, /No task/, /lists/],
    [["build", "x"], "SKE-USAGE", 125, /"x"/, /\[-- ARGUMENT…\]/],
  ] as const)("%s", async (args, code, exit, message, hint) => {
    await using rig = await tasksOf(toml);
    symlinkSync(rig.tmp, join(rig.cwd, "link"));
    await expectRefusal(rig, { args: ["task", ...args], code, exit, message, hint });
  });

  test.each([
    ['t = { comand = "x" }', /Unrecognized key: "comand"/],
    ["t = { command = 1 }", /tasks\.t .*command: expected a text or a list/],
    ['t = { cwd = "../x", command = "y" }', /tasks\.t\.cwd .*: expected a relative path/],
    ['t = { inputs = ["/etc/passwd"] }', /tasks\.t\.inputs\.0 .*: expected a relative path/],
    ['"a b" = "x"', /a task's name has letters/],
    ["t = 1", /expected a table, or a command/],
    ['__proto__ = "x"', /can't have an entry named __proto__\n {2}hint: take another name/],
  ])("%s breaks the format", async (text, message) => {
    await using rig = await Rig.make();
    rig.write("skerry.toml", `[tasks]\n${text}\n`);
    const { exitCode, stderr } = await task(rig);
    expect({ exitCode, stderr }).toEqual({ exitCode: 125, stderr: expect.stringMatching(message) });
  });
});
