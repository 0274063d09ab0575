import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startIndex } from "../rig/index.ts";
import { newestPython, Rig, SKERRY } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";

/** What `temporaryOf` of src/platform/temporary.ts names. */
const TEMPORARY = /^\/tmp\/skerry-[0-9a-f]{12}$/;

/** What a warm start asks the kernel of files, in order, up to the program that it becomes. */
async function callsOf(rig: Rig, args: readonly string[], env: Record<string, string>): Promise<string[]> {
  const log = join(rig.root, "calls");
  const options = ["-f", "-qq", "-e", "trace=%file", "-o", log];
  const { exitCode, stderr } = await rig.run(["strace", ...options, SKERRY, ...args], { env });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const lines = readFileSync(log, "utf8").split("\n");
  const became = lines.findLastIndex((line) => /execve\("\/bin\/true"/.test(line));
  expect(became).toBeGreaterThan(0);
  return lines.slice(0, became).flatMap((line) => {
    // 123 statx(AT_FDCWD, "/path", …
    const [, call = "", path = ""] = /^\d+ +(\w+)\((?:AT_FDCWD, )?"([^"]*)"/.exec(line) ?? [];
    if (!(path.startsWith(rig.root) || TEMPORARY.test(path)) || call === "execve") return [];
    const shown = path
      .replace(TEMPORARY, "TMPDIR")
      .replace(rig.home, "HOME")
      .replace(rig.cwd, "CWD")
      .replace(rig.root, "ROOT")
      .replace(/(envs|layers)\/[0-9a-z]+/, "$1/ID")
      .replace(/python3\.\d+/, "pythonX");
    return [`${call} ${shown}`];
  });
}

test.skipIf(!Bun.which("strace"))("a warm start asks of files what it must know, and nothing else", async () => {
  await using rig = await Rig.make();
  await using index = await startIndex({ distributions: [buildWheel({ name: "alpha", version: "1" })] });
  const env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
  const python = newestPython().path;
  const run = ["run", "--python", python, "--with", "alpha", "--", "/bin/true"];
  const exec = ["exec", "web", "--", "/bin/true"];
  expect((await rig.skerry(["create", "web", "--python", python], { env })).exitCode).toBe(0);
  for (const args of [exec, run, exec, run]) expect((await rig.skerry(args, { env })).exitCode).toBe(0);
  expect((await callsOf(rig, exec, env)).join("\n")).toMatchInlineSnapshot(`
    "getcwd CWD
    getcwd CWD
    openat CWD
    statx ROOT/home
    statx CWD
    statx CWD/.git
    statx ROOT
    statx ROOT/.git
    openat CWD/skerry.toml
    statx CWD/skerry.toml
    openat CWD/pyproject.toml
    openat ROOT/skerry.toml
    statx ROOT/skerry.toml
    openat ROOT/pyproject.toml
    openat ROOT/home/.config/skerry/config.toml
    statx ROOT/home/.config/skerry/config.toml
    access HOME/state.db
    statx HOME/state.db
    statx HOME/tmp
    statx HOME
    access HOME
    statx HOME/state.db
    lstat ROOT
    lstat HOME
    lstat HOME/state.db
    openat HOME/state.db
    stat HOME/state.db
    stat HOME/state.db-journal
    stat HOME/state.db-wal
    stat HOME/state.db
    openat HOME/state.db-wal
    openat HOME/state.db-shm
    statx HOME/state.db-wal
    statx HOME/envs/ID/venv/bin/python
    statx TMPDIR
    chdir CWD
    getcwd CWD"
  `);
  expect((await callsOf(rig, run, env)).join("\n")).toMatchInlineSnapshot(`
    "getcwd CWD
    getcwd CWD
    openat CWD
    statx ROOT/home
    statx CWD
    statx CWD/.git
    statx ROOT
    statx ROOT/.git
    openat CWD/skerry.toml
    statx CWD/skerry.toml
    openat CWD/pyproject.toml
    openat ROOT/skerry.toml
    statx ROOT/skerry.toml
    openat ROOT/pyproject.toml
    openat ROOT/home/.config/skerry/config.toml
    statx ROOT/home/.config/skerry/config.toml
    access HOME/state.db
    statx HOME/state.db
    statx HOME/tmp
    statx HOME
    access HOME
    openat ROOT/home/.pip/pip.conf
    openat ROOT/home/.config/pip/pip.conf
    openat ROOT/home/.config/uv/uv.toml
    statx HOME/state.db
    lstat ROOT
    lstat HOME
    lstat HOME/state.db
    openat HOME/state.db
    stat HOME/state.db
    stat HOME/state.db-journal
    stat HOME/state.db-wal
    stat HOME/state.db
    openat HOME/state.db-wal
    openat HOME/state.db-shm
    statx HOME/state.db-wal
    statx HOME/envs/ID/venv/bin/python
    statx HOME/envs/ID/venv/lib/pythonX/site-packages/_skerry-layer/alpha-1.dist-info/RECORD
    chdir CWD
    getcwd CWD"
  `);
});
