import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { newestPython, type Outcome, Rig, SKERRY } from "../rig/rig.ts";

const PYTHON = newestPython().path;

async function ok(outcome: Promise<Outcome>): Promise<Outcome> {
  const done = await outcome;
  expect(done).toMatchObject({ exitCode: 0 });
  return done;
}

/** What of a state folder others could read; trees and prefixes lie in folders that nobody else can enter. */
function openToOthers(home: string): string[] {
  const found: string[] = [];
  const walk = (path: string) => {
    const entry = statSync(path);
    if (/\/envs\/[^/]+\/venv$/.test(path)) return;
    if (entry.mode & 0o077) found.push(`${(entry.mode & 0o777).toString(8)} ${path.slice(home.length)}`);
    const isSealed = /\/store\/[^/]+$/.test(path);
    if (entry.isDirectory() && !isSealed) for (const name of readdirSync(path)) walk(join(path, name));
  };
  for (const name of readdirSync(home)) walk(join(home, name));
  return found;
}

describe("the state folder", () => {
  test.each([
    ["000", 0o755],
    ["022", 0o755],
    ["000", undefined],
  ])("has nothing that others can read, with umask %s and a folder of mode %p", async (umask, mode) => {
    await using rig = await Rig.make();
    if (mode !== undefined) {
      mkdirSync(rig.home);
      chmodSync(rig.home, mode);
    }
    const skerry = (...args: string[]) => ok(rig.run(["sh", "-c", `umask ${umask}; exec "$@"`, "sh", SKERRY, ...args]));
    await skerry("create", "web", "--python", PYTHON, "--env", "TOKEN=marked", "--with", "six");
    await skerry("run", "--python", PYTHON, "--with", "six", "--", "true");
    await skerry("shims", "install");
    await rig.run(["sh", "-c", `umask ${umask}; SHELL=/bin/bash exec "$@" </dev/null`, "sh", SKERRY, "shell", "web"]);
    expect(openToOthers(rig.home)).toEqual([]);
    expect(statSync(rig.home).mode & 0o777).toBe(0o700);
  });
});

describe("a command line", () => {
  const stored = (rig: Rig) =>
    ["state.db", "state.db-wal", "locks/queue.db", "locks/queue.db-wal"].map((name) => {
      try {
        return readFileSync(join(rig.home, name), "latin1");
      } catch {
        return "";
      }
    });

  test("isn't kept: neither values of --env nor arguments, however many there are", async () => {
    await using rig = await Rig.make();
    await ok(rig.skerry(["create", "web", "--python", PYTHON]));
    const before = stored(rig).join("").length;
    const long = Array.from({ length: 15 }, () => "marked".repeat(20_000));
    // On the warm path, beside it, and what fails.
    for (const more of [[], ["--timeout", "1m"]]) {
      await ok(rig.skerry(["exec", "web", ...more, "--env", "TOKEN=marked", "--", "true", ...long]));
      await ok(rig.skerry(["run", ...more, "--env", "TOKEN=marked", "--", "true", "--password=marked", "-pmarked"]));
      await rig.skerry(["exec", "web", ...more, "--", "no-such-program", "--password=marked"]);
    }
    expect(stored(rig).some((text) => text.includes("marked"))).toBe(false);
    expect(stored(rig).join("").length - before).toBeLessThan(500_000);
    expect((await rig.skerry(["events", "--json"])).stdout).not.toContain("marked");
  });

  test("is shown while the process runs, cut", async () => {
    await using rig = await Rig.make();
    await ok(rig.skerry(["create", "web", "--python", PYTHON]));
    rig.start([SKERRY, "exec", "web", "--", "sh", "-c", `sleep 58; : ${"y".repeat(5000)}`]);
    let shown = "";
    for (let n = 0; n < 100 && !shown.includes("sleep 58"); n++) {
      await Bun.sleep(100);
      shown = (await rig.skerry(["show", "web"])).stdout;
    }
    expect(shown).toContain("sh -c sleep 58");
    expect(shown.length).toBeLessThan(3000);
    rig.endProcesses();
  });
});
