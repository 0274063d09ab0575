import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Rig, SKERRY } from "../rig/rig.ts";
import { repository, task, trust } from "./project.ts";

/** Two worktrees of a repository with a shared task, which fails where another run of it goes on. */
async function worktrees(before: string, seconds: number): Promise<[Rig, string, string]> {
  const rig = await Rig.make();
  const toml = `[tasks.setup]
command = 'mkdir busy || exit 9; ${before}; sleep ${seconds}; echo done >> log; rmdir busy'
shell = true
shared = true
environment = false
`;
  const [one, two] = repository(rig, { "skerry.toml": toml }, "one", "two") as [string, string];
  await trust(rig, one);
  return [rig, one, two];
}

const runs = (rig: Rig) => readFileSync(join(rig.cwd, "main/log"), "utf8").split("\n").length - 1;
const WAITED = { exitCode: 0, stderr: expect.stringContaining("which was left running it") };

describe("the command of a shared task that a killed program left", () => {
  test("is waited for, also by the next one when a waiter is stopped", async () => {
    const [made, one, two] = await worktrees("echo begun", 4);
    await using rig = made;
    const killed = rig.start([SKERRY, "task", "setup"], { cwd: one });
    await killed.until(/begun/);
    killed.kill("SIGKILL");
    const waiter = rig.start([SKERRY, "task", "setup"], { cwd: two });
    await waiter.until(/left running it/);
    waiter.kill("SIGINT");
    expect((await waiter.exit).exitCode).toBe(130);
    expect(existsSync(join(rig.cwd, "main/log"))).toBe(false);
    expect(await task(rig, ["setup"], { cwd: two })).toMatchObject(WAITED);
    expect(runs(rig)).toBe(2);
    await killed.exit;
  }, 30_000);

  test("is found by what was noted before it began", async () => {
    const [made, one, two] = await worktrees("echo begun", 2);
    await using rig = made;
    const killed = rig.start([SKERRY, "task", "setup"], { cwd: one });
    await killed.until(/begun/);
    killed.kill("SIGKILL");
    // As it is until the command has been started.
    const notes = [...new Bun.Glob("*.running").scanSync(join(rig.home, "tasks"))];
    expect(notes.length).toBe(1);
    const path = join(rig.home, "tasks", notes[0]!);
    const { boot, cookie } = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ boot, cookie }));
    expect(await task(rig, ["setup"], { cwd: two })).toMatchObject(WAITED);
    expect(runs(rig)).toBe(2);
    await killed.exit;
  }, 30_000);

  test("is noted before it begins: nothing begins where it can't be", async () => {
    const [made, one] = await worktrees("echo begun", 1);
    await using rig = made;
    const first = rig.start([SKERRY, "task", "setup"], { cwd: one });
    await first.until(/begun/);
    const [note] = [...new Bun.Glob("*.running").scanSync(join(rig.home, "tasks"))];
    expect((await first.exit).exitCode).toBe(0);
    mkdirSync(join(rig.home, "tasks", note!));
    expect(await task(rig, ["setup"], { cwd: one })).toMatchObject({
      exitCode: 125,
      stderr: expect.stringMatching(/Could not .*tasks/),
    });
    await sleep(500);
    expect(runs(rig)).toBe(1);
  });
});
