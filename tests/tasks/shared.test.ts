import { describe, expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { git } from "../git/repository.ts";
import { Rig } from "../rig/rig.ts";
import { repository, said, task, trust } from "./project.ts";

/** Fails where another one is at it; else takes a while. */
const SETUP = `[tasks.setup]
command = 'mkdir busy || exit 9; sleep 0.3; pwd >> log; rmdir busy'
shell = true
shared = true
environment = false
`;
const at = (rig: Rig, ...path: string[]) => join(rig.cwd, ...path);

describe("a shared task", () => {
  test("runs in the main checkout, from three worktrees at once one after another", async () => {
    await using rig = await Rig.make();
    const folders = repository(rig, { "skerry.toml": SETUP, "sub/x": "" }, "one", "two", "three");
    await trust(rig, folders[0]);
    const all = await Promise.all(folders.map((cwd) => task(rig, ["setup"], { cwd })));
    expect(all.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(readFileSync(at(rig, "main/log"), "utf8")).toBe(`${at(rig, "main")}\n`.repeat(3));
    // Whoever waits says for whom.
    expect(all.filter(({ stderr }) => /setup waits for process \d+/.test(stderr)).length).toBeGreaterThanOrEqual(1);
  });

  test("with inputs runs once for all of them, and again when they change in the main checkout", async () => {
    await using rig = await Rig.make();
    const toml = `${SETUP}inputs = ["hosts"]\n`;
    const folders = repository(rig, { "skerry.toml": toml, hosts: "a" }, "one", "two", "three");
    await trust(rig, folders[0]);
    const runAll = () => Promise.all(folders.map((cwd) => said(rig, ["setup"], { cwd })));
    await runAll();
    expect(readFileSync(at(rig, "main/log"), "utf8").split("\n").length - 1).toBe(1);
    rig.write("one/hosts", "b");
    await runAll();
    expect(readFileSync(at(rig, "main/log"), "utf8").split("\n").length - 1).toBe(1);
    rig.write("main/hosts", "b");
    await runAll();
    expect(readFileSync(at(rig, "main/log"), "utf8").split("\n").length - 1).toBe(2);
  }, 30_000);

  test("runs where it is without a main checkout, and says so", async () => {
    await using rig = await Rig.make();
    repository(rig, { "skerry.toml": SETUP });
    git(rig.cwd, "clone", "-q", "--bare", "main", "bare.git");
    git(at(rig, "bare.git"), "worktree", "add", "-q", "-b", "x", at(rig, "x"));
    await trust(rig, at(rig, "x"));
    const { exitCode, stderr } = await task(rig, ["setup"], { cwd: at(rig, "x") });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining("has no main checkout") });
    expect(readFileSync(at(rig, "x/log"), "utf8")).toBe(`${at(rig, "x")}\n`);
  });

  test.each(["moved", "copied"])(
    "runs where it is in a worktree that was %s behind git's back, and says so",
    async (how) => {
      await using rig = await Rig.make();
      const [one = ""] = repository(rig, { "skerry.toml": SETUP }, "one");
      const other = at(rig, "other");
      cpSync(one, other, { recursive: true });
      if (how === "moved") rmSync(one, { recursive: true });
      await trust(rig, other);
      const { exitCode, stderr } = await task(rig, ["setup"], { cwd: other });
      const mend = how === "moved" ? " (git worktree repair tells it)" : "";
      const why = `setup is shared, and ${other} isn't where git knows it${mend}: it runs in ${other}`;
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining(why) });
      expect(readFileSync(join(other, "log"), "utf8")).toBe(`${other}\n`);
      expect(existsSync(at(rig, "main/log"))).toBe(false);
    },
  );

  test("that isn't shared keeps to its worktree", async () => {
    await using rig = await Rig.make();
    const [one, two] = repository(rig, { "skerry.toml": SETUP.replace("shared = true\n", "") }, "one", "two");
    await trust(rig, one);
    await Promise.all([one, two].map((cwd) => said(rig, ["setup"], { cwd: cwd! })));
    expect([one, two].map((cwd) => readFileSync(join(cwd!, "log"), "utf8"))).toEqual([`${one}\n`, `${two}\n`]);
  });
});

describe("shared infrastructure", () => {
  const FILES = {
    "ansible/site.yml": "- hosts: localhost\n",
    "ansible/db.yml": "- hosts: localhost\n",
    "compose.yaml": "services: {}\n",
    "docker/compose.yaml": "services: {}\n",
    "docker/Dockerfile": "FROM scratch\n",
    "scripts/backup.sh": '#!/bin/sh\npwd\nprintf "%s\\n" "$@"\n',
  };

  /** A `docker` that tells how it was called. */
  function fakeDocker(rig: Rig): Record<string, string> {
    const bin = join(rig.root, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "docker"), '#!/bin/sh\necho "docker $*"\n', { mode: 0o755 });
    const plugins = join(rig.user, ".docker/cli-plugins");
    mkdirSync(plugins, { recursive: true });
    writeFileSync(join(plugins, "docker-compose"), "", { mode: 0o755 });
    return { PATH: `${bin}:${rig.env.PATH}` };
  }

  test("gives tasks to every worktree once global-setup has found it", async () => {
    await using rig = await Rig.make();
    const [one, two] = repository(rig, FILES, "one", "two") as [string, string];
    expect(await said(rig, [], { cwd: one })).toBe("");
    expect((await rig.skerry(["worktree", "global-setup"], { cwd: one })).exitCode).toBe(0);
    const { tasks } = JSON.parse(await said(rig, ["--json"], { cwd: two }));
    expect(tasks.map(({ name }: { name: string }) => name)).toEqual([
      "ansible:db",
      "ansible:site",
      "docker:compose",
      "docker:docker/compose",
      "script:backup.sh",
      "ansible-setup",
      "docker-status",
    ]);
    expect((await task(rig, ["script:backup.sh"], { cwd: two })).exitCode).toBe(125);
    await trust(rig, one);
    // Trusted in one worktree, it is in all.
    expect(await said(rig, ["script:backup.sh", "--", "a b"], { cwd: two })).toBe(`${at(rig, "main")}\na b\n`);
    const env = fakeDocker(rig);
    const status = (await said(rig, ["docker-status"], { cwd: two, env })).trim().split("\n");
    expect(status.map((line) => line.replace(/^.*\| /, "")).sort()).toEqual([
      `docker compose -f ${at(rig, "main/compose.yaml")} ps`,
      `docker compose -f ${at(rig, "main/docker/compose.yaml")} ps`,
    ]);
    expect(await said(rig, ["docker:docker/compose", "--", "up", "-d"], { cwd: two, env })).toBe(
      `docker compose -f ${at(rig, "main/docker/compose.yaml")} up -d\n`,
    );
  }, 30_000);

  test("tells the names where there are several playbooks to set up with", async () => {
    await using rig = await Rig.make();
    const [one] = repository(rig, { "ansible/a.yml": "", "ansible/b.yml": "" }, "one") as [string];
    await rig.skerry(["worktree", "global-setup"], { cwd: one });
    await trust(rig, one);
    const { exitCode, stderr } = await task(rig, ["ansible-setup"], { cwd: one });
    expect({ exitCode, stderr }).toEqual({ exitCode: 125, stderr: expect.stringContaining("a.yml, b.yml") });
  });

  test("is told apart from a file that a repository brings", async () => {
    await using rig = await Rig.make();
    const evil = JSON.stringify({ shared_scripts: ["/bin/touch"] });
    const [one] = repository(rig, { ".worktree_config.json": evil }, "one") as [string];
    expect((await task(rig, ["script:touch", "--", "x"], { cwd: one })).exitCode).toBe(125);
    expect(existsSync(at(rig, "main/x"))).toBe(false);
    writeFileSync(join(one, ".worktree_config.json"), '{"shared_scripts": 1}');
    const { exitCode, stderr } = await task(rig, [], { cwd: one });
    expect({ exitCode, stderr }).toEqual({ exitCode: 125, stderr: expect.stringContaining("shared_scripts") });
  });

  test("is served by the older docker-compose where that is all there is, and says what is missing", async () => {
    await using rig = await Rig.make();
    const [one] = repository(rig, { "compose.yaml": "services: {}\n" }, "one") as [string];
    await rig.skerry(["worktree", "global-setup"], { cwd: one });
    await trust(rig, one);
    const bin = join(rig.root, "bin");
    mkdirSync(bin);
    const config = { DOCKER_CONFIG: rig.tmp };
    const missing = await task(rig, ["docker-status"], { cwd: one, env: { ...config, PATH: bin } });
    expect(missing).toMatchObject({ exitCode: 127, stderr: expect.stringContaining("Could not run docker") });
    writeFileSync(join(bin, "docker-compose"), '#!/bin/sh\necho "older $*"\n', { mode: 0o755 });
    const own = process.platform === "linux" && !PLUGINS.some((path) => existsSync(path));
    const told = await task(rig, ["docker-status"], { cwd: one, env: { ...config, PATH: `${bin}:/usr/bin:/bin` } });
    if (own) expect(told.stdout).toBe(`older -f ${at(rig, "main/compose.yaml")} ps\n`);
  });
});

/** Docker's plugin for all users, which the older program stands behind. */
const PLUGINS = ["lib", "libexec", "local/lib", "local/libexec"].map(
  (folder) => `/usr/${folder}/docker/cli-plugins/docker-compose`,
);
