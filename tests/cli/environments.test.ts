import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startIndex } from "../rig/index.ts";
import { newestPython, Rig, SKERRY } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";
import { packagesFrom, rigWithWeb, withoutProgress } from "./setup.ts";

describe("the life of an environment", () => {
  test("is created, listed, used, changed, looked at and removed", async () => {
    await using rig = await Rig.make();
    await using index = await startIndex({
      distributions: [buildWheel({ name: "demo", version: "1.0" }), buildWheel({ name: "other", version: "2.0" })],
    });
    const env = packagesFrom(index.url);
    const show = async (...args: string[]) => withoutProgress(rig.show(await rig.skerry(args, { env })));
    const lines = [
      ["ls"],
      ["create", "web", "--python", newestPython().path, "--with", "demo"],
      ["create", "web"],
      ["ls"],
      ["packages", "web"],
      ["exec", "web", "--", "python", "-c", "import demo, sys; print(demo.VERSION, sys.stdin.read())"],
      ["install", "web", "other"],
      ["install", "web", "other"],
      ["install", "web", "no-such-package"],
      ["uninstall", "web", "demo"],
      ["uninstall", "web", "demo"],
      ["packages", "web"],
      ["check", "web"],
      ["exec", "wbe", "--", "true"],
      ["rm", "wbe"],
      ["rm", "web"],
      ["rm", "--force", "web"],
      ["ls"],
    ];
    for (const line of lines) expect(`${line[0]}: ${await show(...line)}`).toMatchSnapshot();
    expect(readdirSync(join(rig.home, "envs"))).toEqual([]);
  });

  test("is told to programs as JSON", async () => {
    await using rig = await rigWithWeb();
    const json = async (...args: string[]) => JSON.parse((await rig.skerry([...args, "--json"])).stdout);
    const { environments } = await json("ls");
    expect(environments).toMatchObject([{ name: "web", engine: "virtualenv", status: "ready" }]);
    const shown = await json("show", "web");
    expect(shown).toMatchObject({ schema: 1, packages: [], problems: [], facets: { local: { ok: true } } });
    expect(shown.environment).toEqual(environments[0]);
    expect(await json("show", environments[0].id.slice(0, 14))).toEqual(shown);
    expect(await json("packages", "web")).toMatchObject({ schema: 1, packages: [] });
    expect(await json("check", "web")).toMatchObject({ schema: 1, healthy: true, files: [], problems: [] });
    const { events } = await json("events", "--environment", "web");
    expect(events).toMatchObject([{ kind: "environment.created", environment: { name: "web" } }]);
    expect(await json("events", "--limit", "0")).toEqual({ schema: 1, events: [] });
    expect(await json("rm", "web")).toEqual({ schema: 1, removed: ["web"], errors: [] });
    expect(await json("rm", "web")).toMatchObject({ error: { code: "SKE-ENV-NOT-FOUND" } });
  });

  test("says who is in the way by its verb and environment, without what else was typed", async () => {
    await using rig = await rigWithWeb();
    await using index = await startIndex({ delayMs: 60_000 });
    const address = index.url.replace("//", "//me:secret@");
    const installing = rig.start([SKERRY, "install", "web", `demo @ ${address}/demo-1.0-py3-none-any.whl`]);
    // The lease is taken before anything is asked for.
    await installing.until(/resolving/);
    const { exitCode, stderr } = await rig.skerry(["rm", "web"], { env: { SKERRY_LOCK_TIMEOUT: "0" } });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 4,
      stderr: expect.stringMatching(/process \d+ \(skerry install web\) has held it/),
    });
    installing.kill("SIGINT");
    await installing.exit;
  });

  test("several are removed at once, and what fails doesn't keep the others", async () => {
    await using rig = await rigWithWeb();
    await rig.skerry(["create", "api", "--python", newestPython().path]);
    const outcome = await rig.skerry(["rm", "web", "nothing", "api"]);
    expect(outcome).toMatchObject({ exitCode: 3, stdout: "" });
    expect(outcome.stderr).toMatch(/^removed web\nremoved api\nerror: There is no environment named "nothing"\n/);
    await rig.skerry(["create", "api", "--python", newestPython().path]);
    const told = await rig.skerry(["rm", "nothing", "api", "nobody", "--json"]);
    expect({ ...told, stdout: JSON.parse(told.stdout) }).toMatchObject({
      exitCode: 3,
      stdout: {
        removed: ["api"],
        errors: [{ message: expect.stringContaining("nothing") }, { message: expect.stringContaining("nobody") }],
      },
    });
  });

  test("all are removed only after a yes", async () => {
    await using rig = await rigWithWeb();
    expect(rig.show(await rig.skerry(["rm", "--all"]))).toMatchSnapshot();
    const asked = (answer: string) => rig.skerry(["rm", "--all"], { tty: true, input: answer, env: { CI: undefined } });
    expect(await asked("n\n")).toMatchObject({ exitCode: 130 });
    expect((await rig.skerry(["ls"])).stdout).toContain("web");
    expect(await asked("y\n")).toMatchObject({ exitCode: 0 });
    expect(await rig.skerry(["ls", "-q"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await rig.skerry(["rm", "--all"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });
});

describe("run", () => {
  test("makes an environment once, and finds it again", async () => {
    await using rig = await Rig.make();
    await using index = await startIndex({ distributions: [buildWheel({ name: "demo", version: "1.0" })] });
    const env = packagesFrom(index.url);
    const run = () =>
      rig.skerry(
        [
          "run",
          "--python",
          newestPython().path,
          "--with",
          "demo",
          "--",
          "python",
          "-c",
          "import demo; print(demo.VERSION)",
        ],
        { env },
      );
    expect(await run()).toMatchObject({ exitCode: 0, stdout: "1.0\n" });
    const asked = index.requests.length;
    expect(await run()).toEqual({ exitCode: 0, stdout: "1.0\n", stderr: "" });
    expect(index.requests.length).toBe(asked);
    expect((await rig.skerry(["ls", "-q"])).stdout).toBe("");
    expect((await rig.skerry(["ls", "--cached"])).stdout).toContain("demo");
  });

  test("finds it again with the same index, which is never told with its password", async () => {
    await using rig = await Rig.make();
    await using index = await startIndex({
      distributions: [buildWheel({ name: "demo", version: "1.0" })],
      auth: { user: "me", password: "s3cret-word" },
    });
    const python = ["--python", newestPython().path];
    const run = (url: string, ...more: string[]) => {
      const args = ["run", ...python, "--with", "demo", "--index-url", url, ...more];
      return rig.skerry([...args, "--", "python", "-c", "import demo; print(demo.VERSION)"]);
    };
    expect(await run(index.urlWithAuth)).toMatchObject({ exitCode: 0, stdout: "1.0\n" });
    const asked = index.requests.length;
    expect(await run(index.urlWithAuth)).toEqual({ exitCode: 0, stdout: "1.0\n", stderr: "" });
    expect(index.requests.length).toBe(asked);
    await using other = await startIndex();
    const missing = await run(other.url.replace("//", "//me:s3cret-word@"));
    expect(missing).toMatchObject({ exitCode: 125, stdout: "" });
    expect(missing.stderr).not.toContain("s3cret-word");

    rig.write("wheels/.keep", "");
    for (const line of [
      ["create", "web", ...python, "-i", index.urlWithAuth, "--with", "demo"],
      ["create", "api", ...python],
      ["install", "api", "demo", "-i", other.url, "--extra-index-url", index.urlWithAuth, "-f", "wheels"],
    ])
      expect(await rig.skerry(line)).toMatchObject({ exitCode: 0 });
    const kept = readdirSync(rig.home).filter((name) => name.startsWith("state.db"));
    for (const name of kept) expect(readFileSync(join(rig.home, name)).includes("s3cret-word")).toBe(false);
  });

  test("that is interrupted while it makes the environment takes everything back", async () => {
    for (const [signal, status] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      await using rig = await Rig.make();
      await using index = await startIndex({ delayMs: 60_000 });
      const argv = ["run", "--python", newestPython().path, "--with", "demo", "--", "python", "-V"];
      const program = rig.start([SKERRY, ...argv], {
        env: packagesFrom(index.url),
      });
      await program.until(/resolving demo/);
      program.kill(signal);
      expect(await program.exit).toMatchObject({ exitCode: status, stdout: "" });
      expect(program.stderr).toContain(`error: Stopped by ${signal} before it was done\n`);
      expect((await rig.skerry(["ls", "--cached", "-q"])).stdout).toBe("");
      expect(readdirSync(join(rig.home, "envs"))).toEqual([]);
    }
  });

  test("shows what goes on when it takes long: one line on a terminal, sparse lines elsewhere", async () => {
    await using rig = await Rig.make();
    await using index = await startIndex({
      distributions: [buildWheel({ name: "demo", version: "1.0" })],
      delayMs: 2500,
    });
    const argv = ["run", "--python", newestPython().path, "--with", "demo", "--", "python", "-c", "print('done')"];
    const env = packagesFrom(index.url);
    const plain = await rig.skerry(argv, { env });
    expect(plain).toMatchObject({ exitCode: 0, stdout: "done\n" });
    expect(plain.stderr).toMatch(/^(\S.* …\n)+$/);
    const again = [...argv.slice(0, 1), "--refresh", ...argv.slice(1)];
    expect((await rig.skerry([...again.slice(0, 1), "-q", ...again.slice(1)], { env })).stderr).toBe("");
    const { stdout } = await rig.skerry(again, { env, tty: true });
    expect(stdout).toMatch(/\r\x1b\[K\x1b\[\?7l.*\d s {2}.*\x1b\[\?7h/);
    expect(stdout).toEndWith("\r\x1b[Kdone\r\n");
  });
});

describe("exec", () => {
  test("gives the program's exit status, or says what kept it from running", async () => {
    await using rig = await rigWithWeb();
    rig.write("not-executable", "");
    const status = async (...argv: string[]) => (await rig.skerry(["exec", "web", ...argv])).exitCode;
    expect(await status("--", "sh", "-c", "exit 7")).toBe(7);
    expect(await status("--", "sh", "-c", "kill -TERM $$")).toBe(143);
    expect(await status("--timeout", "30s", "--", "sh", "-c", "kill -TERM $$")).toBe(143);
    expect(await status("--timeout", "30s", "--", "sh", "-c", "exit 7")).toBe(7);
    expect(await status("--", "no-such-program")).toBe(127);
    expect(await status("--timeout", "30s", "--", "no-such-program")).toBe(127);
    expect(await status("--", "./not-executable")).toBe(126);
    expect((await rig.skerry(["exec", "nothing", "--", "true"])).exitCode).toBe(125);
  });

  test("never runs the pip or Python of another environment", async () => {
    await using rig = await rigWithWeb();
    const bin = dirname(rig.write("bin/pip", "#!/bin/sh\necho another\n", 0o755));
    for (const name of ["pip3", "python3.7"]) rig.write(`bin/${name}`, "#!/bin/sh\necho another\n", 0o755);
    await using index = await startIndex({
      distributions: [
        buildWheel({
          name: "pip",
          version: "1.0",
          scripts: { pip: "pip:main" },
          files: { "pip.py": "def main():\n    print('its own')\n" },
        }),
      ],
    });
    const env = { ...packagesFrom(index.url), PATH: `${bin}:${rig.env.PATH}` };
    const python = ["--python", newestPython().path];
    for (const way of [
      ["exec", "web"],
      ["exec", "web", "--timeout", "30s"],
      ["run", ...python],
    ]) {
      for (const program of ["pip", "pip3", "python3.7"]) {
        const { exitCode, stdout, stderr } = await rig.skerry([...way, "--", program, "list"], { env });
        expect({ exitCode, stdout, stderr }).toEqual({
          exitCode: 127,
          stdout: "",
          stderr: expect.stringMatching(program.startsWith("pip") ? /skerry install ENVIRONMENT pip/ : /--python/),
        });
      }
    }
    const own = await rig.skerry(["run", ...python, "--with", "pip", "--", "pip", "list"], { env });
    expect(own).toMatchObject({ exitCode: 0, stdout: "its own\n" });
    // A path says which one is meant.
    expect(await rig.skerry(["exec", "web", "--", `${bin}/pip`], { env })).toMatchObject({ stdout: "another\n" });
  });

  test("stops a program that takes too long", async () => {
    await using rig = await rigWithWeb();
    const outcome = await rig.skerry(["exec", "web", "--timeout", "500ms", "--", "sh", "-c", "echo begun; sleep 60"]);
    expect(outcome).toEqual({
      exitCode: 124,
      stdout: "begun\n",
      stderr: "error: sh took longer than 500 ms and was stopped\n",
    });
  });

  test("captures the program's output with --json", async () => {
    await using rig = await rigWithWeb();
    const { exitCode, stdout } = await rig.skerry(
      ["exec", "--json", "web", "--", "sh", "-c", "cat; echo err >&2; exit 3"],
      {
        input: "in",
      },
    );
    expect({ exitCode, document: JSON.parse(stdout) }).toMatchObject({
      exitCode: 3,
      document: { schema: 1, exitCode: 3, stdout: "in", stderr: "err\n", timedOut: false },
    });
  });

  test("sets variables and the folder for the program", async () => {
    await using rig = await rigWithWeb();
    rig.write("sub/file", "");
    for (const timeout of [[], ["--timeout", "30s"]]) {
      const { stdout } = await rig.skerry([
        ...["exec", "web", ...timeout, "--cwd", "sub", "--env", "A=1=2", "--"],
        ...["sh", "-c", 'echo "$A"; ls; echo "$SKERRY_ENV"'],
      ]);
      expect(stdout).toBe("1=2\nfile\nweb\n");
    }
  });

  test.each([[[]], [["--timeout", "60s"]]])("leaves Ctrl-C to the program (options %j)", async (options) => {
    await using rig = await rigWithWeb();
    const code =
      "import time\ntry:\n  print('begun', flush=True)\n  time.sleep(60)\nexcept KeyboardInterrupt:\n  raise SystemExit(5)";
    const program = rig.start([SKERRY, "exec", "web", ...options, "--", "python", "-c", code], { tty: true });
    await program.until(/begun/);
    program.type("\x03");
    expect(await program.exit).toMatchObject({ exitCode: 5 });
  });

  test("passes much output on whole, through a slow reader, and ends as others do when the reader goes", async () => {
    await using rig = await rigWithWeb();
    const bin = SKERRY;
    const count = 'set -o pipefail; "$0" exec web -- head -c 1000000 /dev/zero | (sleep 0.5; wc -c)';
    expect((await rig.run(["bash", "-c", count, bin])).stdout.trim()).toBe("1000000");
    const early = '"$0" exec web -- yes | head -n 1; echo $PIPESTATUS';
    expect((await rig.run(["bash", "-c", early, bin])).stdout).toBe("y\n141\n");
  });
});

describe("trust", () => {
  test("lets a project's file set what redirects, until it is taken back", async () => {
    await using rig = await Rig.make();
    rig.write("skerry.toml", 'home = ".skerry"\n');
    expect(rig.show(await rig.skerry(["ls"], { env: { SKERRY_HOME: undefined } }))).toMatchSnapshot();
    const env = { SKERRY_HOME: undefined };
    const skerry = async (...args: string[]) => rig.show(await rig.skerry(args, { env }));
    expect(await skerry("trust")).toMatchSnapshot();
    expect(await skerry("trust", "--yes")).toMatchSnapshot();
    expect(await skerry("trust", "--list")).toMatchSnapshot();
    expect(await skerry("ls")).toMatchSnapshot();
    expect(existsSync(join(rig.cwd, ".skerry/state.db"))).toBe(true);
    expect(await skerry("trust", "--revoke")).toMatchSnapshot();
    expect((await rig.skerry(["ls"], { env })).exitCode).toBe(5);
    rig.write("skerry.toml", "");
    expect(await skerry("trust")).toMatchSnapshot();
  });
});

describe("the machine", () => {
  test("is looked at by doctor", async () => {
    await using rig = await Rig.make();
    const { stdout, exitCode } = await rig.skerry(["doctor", "--json"]);
    expect({ exitCode, report: JSON.parse(stdout) }).toMatchObject({
      exitCode: 0,
      report: { schema: 1, healthy: true, home: rig.home },
    });
    expect((await rig.skerry(["doctor"])).stdout).toMatch(/^ok +engine virtualenv: works/m);
  });

  test("has interpreters that can be listed and found", async () => {
    await using rig = await Rig.make();
    const { found } = JSON.parse((await rig.skerry(["python", "list", "--json"])).stdout);
    expect(found.length).toBeGreaterThan(0);
    const { path, version } = found[0];
    expect((await rig.skerry(["python", "list"])).stdout).toMatch(new RegExp(`^${version} .* ${path}$`, "m"));
    expect(await rig.skerry(["python", "find", path])).toEqual({ exitCode: 0, stdout: `${path}\n`, stderr: "" });
    expect((await rig.skerry(["python", "find", "3.99"])).exitCode).toBe(3);
    expect((await rig.skerry(["python", "list", "3.12"])).exitCode).toBe(2);
  });

  test("tells what happens as it happens", async () => {
    await using rig = await Rig.make();
    const bin = SKERRY;
    await rig.skerry(["ls"]);
    const follower = rig.start([bin, "events", "--follow", "--json"]);
    await Bun.sleep(500);
    await rig.skerry(["create", "web", "--python", newestPython().path]);
    await follower.until(/environment.created/);
    follower.kill("SIGINT");
    const { exitCode, stdout } = await follower.exit;
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).event);
    expect(exitCode).toBe(0);
    expect(events.at(-1)).toMatchObject({ kind: "environment.created", environment: { name: "web" } });
  });
});

test("show tells of a basic environment what it can't do, and why", async () => {
  await using rig = await Rig.make();
  await rig.skerry(["create", "plain", "--engine", "basic"]);
  const { exitCode, stdout } = await rig.skerry(["show", "plain"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining("no layers") });
});
