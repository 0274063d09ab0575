import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { identityOf, isAlive, parsePsLine, parseStat, selfIdentity } from "../../src/platform/identity.ts";

describe("identity of a process", () => {
  test("/proc/PID/stat is read rightly whatever the process calls itself", () => {
    const nasty = fc.string({ unit: fc.constantFrom(..."() \n\tRZ0) S 1"), maxLength: 15 });
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 15 }), nasty),
        fc.nat(),
        fc.nat(),
        fc.bigInt(0n, 2n ** 64n - 1n),
        (name, pid, parent, start) => {
          const fields = ["S", parent, 7, 42, ...Array(15).fill(0), start, ...Array(30).fill(1)];
          const stat = parseStat(`${pid} (${name}) ${fields.join(" ")}\n`);
          expect(stat).toEqual({ pid, state: "S", parent, session: 42, start: String(start) });
        },
      ),
    );
  });

  test("a real process with parentheses in its name is found", async () => {
    const rename =
      "import ctypes,sys; ctypes.CDLL(None).prctl(15, b') Z (1 2', 0, 0, 0); print(1, flush=True); sys.stdin.read()";
    const child = Bun.spawn(["python3", "-c", rename], { stdin: "pipe", stdout: "pipe" });
    await child.stdout.getReader().read();
    const identity = identityOf(child.pid)!;
    expect(Number(identity.start)).toBeGreaterThanOrEqual(Number(selfIdentity().start));
    expect(isAlive(identity)).toBe(true);
    expect(isAlive({ ...identity, start: `${Number(identity.start) - 1}` })).toBe(false);
    expect(isAlive({ ...identity, boot: "another boot" })).toBe(false);
    child.kill("SIGKILL");
    await child.exited;
    expect(isAlive(identity)).toBe(false);
  });

  test("a zombie counts as gone", async () => {
    const forks =
      "import os,sys\npid=os.fork()\nif pid==0: os._exit(0)\nos.waitid(os.P_PID,pid,os.WEXITED|os.WNOWAIT)\nprint(pid,flush=True); sys.stdin.read()";
    const child = Bun.spawn(["python3", "-c", forks], { stdin: "pipe", stdout: "pipe" });
    const { value } = await child.stdout.getReader().read();
    const zombie = Number(new TextDecoder().decode(value));
    expect(await Bun.file(`/proc/${zombie}/stat`).text()).toContain(") Z ");
    expect(identityOf(zombie)).toBeUndefined();
    child.stdin.end();
    await child.exited;
  });

  test("a line of ps gives the start in seconds since 1970", () => {
    expect(parsePsLine("  501     1   501 Ss   Thu Jan  1 00:01:40 1970\n")).toEqual({
      pid: 501,
      state: "S",
      parent: 1,
      session: 501,
      start: "100",
    });
  });
});
