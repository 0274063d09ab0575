import { describe, expect, test } from "bun:test";
import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { MARK, runWatched } from "./marked.ts";
import { newestPython, pythons, Rig } from "./rig.ts";

describe("a rig", () => {
  test("is gone after the test, with everything in it", async () => {
    let file: string;
    {
      await using rig = await Rig.make();
      file = rig.write("deep/folder/file.txt", "text");
      expect(existsSync(file)).toBe(true);
    }
    expect(existsSync(join(file, "../../../.."))).toBe(false);
  });

  test("gives programs its own home and none of the caller's settings for Python", async () => {
    process.env.PYTHONDONTWRITEBYTECODE = "1";
    await using rig = await Rig.make();
    const { stdout } = await rig.run(["/usr/bin/env"]);
    expect(stdout).toContain(`HOME=${rig.user}\n`);
    expect(stdout).toContain(`SKERRY_HOME=${rig.home}\n`);
    expect(stdout).not.toMatch(/^(PYTHON|VIRTUAL_ENV|PIP_FIND_LINKS)/m);
  });

  test("tells exit statuses, signals and both streams apart", async () => {
    await using rig = await Rig.make();
    expect(await rig.run(["sh", "-c", "cat; echo err >&2; exit 3"], { input: "in" })).toEqual({
      exitCode: 3,
      stdout: "in",
      stderr: "err\n",
    });
    expect((await rig.run(["sh", "-c", "kill -TERM $$"])).exitCode).toBe(143);
  });

  test("fails when a program takes too long, and says what it wrote", async () => {
    await using rig = await Rig.make();
    await expect(rig.run(["sh", "-c", "echo begun; exec sleep 60"], { timeout: 300 })).rejects.toThrow(/begun/);
  });

  test("names processes that were left behind, and ends them", async () => {
    const rig = await Rig.make();
    await rig.run(["sh", "-c", "sleep 300 >/dev/null 2>&1 &"]);
    await expect(rig[Symbol.asyncDispose]()).rejects.toThrow(/process \d+: sleep 300/);
    expect(existsSync(rig.root)).toBe(false);
  });

  test("names files that were left open", async () => {
    const rig = await Rig.make();
    const file = rig.write("left.txt", "");
    const fd = openSync(file, "r");
    await expect(rig[Symbol.asyncDispose]()).rejects.toThrow("open file: [ROOT]/project/left.txt");
    closeSync(fd);
  });

  test("runs a program on a terminal, where Ctrl-C can be typed", async () => {
    await using rig = await Rig.make();
    const program = rig.start(
      [
        "sh",
        "-c",
        "trap 'echo stopped; exit 9' INT; test -t 0 && test -t 1 && echo ready; while :; do sleep 0.1; done",
      ],
      { tty: true },
    );
    await program.until(/ready/);
    program.type("\x03");
    const outcome = await program.exit;
    expect(outcome.stdout).toContain("stopped");
    expect(outcome.exitCode).toBe(9);
  });

  test("shows an outcome without what differs from run to run", async () => {
    await using rig = await Rig.make();
    rig.write("f", "");
    const outcome = await rig.run(["sh", "-c", "ls $PWD/f; echo built in 3.4 s, pid 77 >&2"]);
    expect(rig.show(outcome)).toBe("exit 0\n--- stdout\n[ROOT]/project/f\n--- stderr\nbuilt in [TIME], pid [PID]\n");
  });
});

describe("a run that is watched", () => {
  test.skipIf(process.platform !== "linux")("tells what its own rig's processes show, and no others'", async () => {
    await using rig = await Rig.make();
    await using other = await Rig.make();
    const script = ["sh", "-c", "sleep 1; :"] as const;
    const running = runWatched(rig, ["run", "--", ...script, MARK]);
    const outside = other.start([...script, MARK, "outside"]);
    const { outcome, shown } = await running;
    expect([outcome.exitCode, shown]).toEqual([0, [`${[...script, MARK].join(" ")} `]]);
    await outside.exit;
  });
});

describe("pythons", () => {
  test("finds interpreters that work, oldest first", () => {
    expect(pythons().length).toBeGreaterThan(0);
    for (const python of pythons()) expect(python.version).toStartWith(`${python.minor}.`);
    expect(pythons()).toContain(newestPython());
  });
});

describe("a rig of a test that ran out of time", () => {
  let forgotten: Rig;

  test("is made here and not disposed of", async () => {
    forgotten = await Rig.make();
    expect(existsSync(forgotten.root)).toBe(true);
  });

  test("is removed after the test all the same", () => {
    expect(existsSync(forgotten.root)).toBe(false);
  });
});

describe("what Skerry prints as JSON", () => {
  const prints = async (rig: Rig, document: object, words: readonly string[] = []) =>
    rig.run(["sh", "-c", 'printf "%s\\n" "$0"', JSON.stringify({ schema: 1, ...document }), ...words]);

  test("fails a test where its schema doesn't say so, whatever the test looks at", async () => {
    await using rig = await Rig.make();
    await prints(rig, { environments: [] }, ["ls"]);
    await expect(prints(rig, { environments: [], more: 1 }, ["ls"])).rejects.toThrow(/more/);
    await expect(prints(rig, { environments: [{}] }, ["list"])).rejects.toThrow(/environments\.0\.id/);
    await expect(prints(rig, { version: "1" }, ["ls"])).rejects.toThrow("skerry ls --json");
  });

  test("is held to the schemas of all verbs where a script calls it", async () => {
    await using rig = await Rig.make();
    await prints(rig, { version: "1" });
    await expect(prints(rig, { surprise: true })).rejects.toThrow(/surprise/);
  });

  test("is held to them at the end of a real command", async () => {
    await using rig = await Rig.make();
    expect((await rig.skerry(["ls", "--json"])).exitCode).toBe(0);
    expect((await rig.skerry(["show", "nothing", "--json"])).exitCode).toBe(3);
  });
});
