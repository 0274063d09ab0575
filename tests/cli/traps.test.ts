import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryOf } from "../../src/platform/temporary.ts";
import { read } from "../project/sources.ts";
import { newestPython, type Program, Rig, SKERRY } from "../rig/rig.ts";

const PYTHON = newestPython().path;
const { version } = JSON.parse(read("package.json")) as { version: string };

/** How a program comes to run; each has its own way to lose something. */
const WAYS: readonly (readonly [string, readonly string[]])[] = [
  ["in an environment that is ready", ["exec", "web", "--"]],
  ["after its environment was made", ["run", "--refresh", "--python", PYTHON, "--"]],
  ["while skerry waits for it", ["exec", "web", "--timeout", "60s", "--"]],
];
/** The ways in which skerry becomes the program. */
const BECOMES = WAYS.slice(0, 2);

async function rigWithWeb(): Promise<Rig> {
  const rig = await Rig.make();
  expect((await rig.skerry(["create", "web", "--python", PYTHON])).exitCode).toBe(0);
  return rig;
}

/** Runs a line of bash in which `"$@"` stands for skerry and the words of a way. */
function bash(rig: Rig, line: string, way: readonly string[], env = {}) {
  return rig.run(["bash", "-c", line, "bash", SKERRY, ...way], { env });
}

describe.each(WAYS)("a program that runs %s", (_, way) => {
  test("gets all of its input, and its output arrives whole through a slow pipe", async () => {
    await using rig = await rigWithWeb();
    const line = 'head -c 1000000 /dev/zero | tr "\\0" x | "$@" cat | (sleep 0.5; wc -c; cat)';
    expect((await bash(rig, line, way)).stdout.trim()).toBe("1000000");
    const other =
      "set -o pipefail; \"$@\" python -c \"import os; print(os.write(1, b'x' * 1000000) and '')\" | (sleep 0.5; wc -c)";
    expect((await bash(rig, other, way)).stdout.trim()).toBe("1000001");
  });

  test("ends as ever when nobody reads its output any more", async () => {
    await using rig = await rigWithWeb();
    const { stdout, stderr, exitCode } = await bash(rig, 'set -o pipefail; "$@" yes | head -n 1', way);
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: "y\n", stderr: "", exitCode: 141 });
    expect(await bash(rig, '"$@" sh -c "echo lost" >&-; echo "$?"', way)).toMatchObject({ exitCode: 0 });
  });

  test("has a terminal where skerry has one, of the same size, and none elsewhere", async () => {
    await using rig = await rigWithWeb();
    const ask = [
      "python",
      "-c",
      "import os, sys; print([os.isatty(n) for n in range(3)], os.get_terminal_size(1).columns)",
    ];
    const onTerminal = await rig.run([SKERRY, ...way, ...ask], { tty: true });
    expect(onTerminal.stdout).toContain("[True, True, True] 200\r\n");
    const piped = await rig.run([SKERRY, ...way, "python", "-c", "import os; print([os.isatty(n) for n in range(3)])"]);
    expect(piped.stdout).toBe("[False, False, False]\n");
  });

  test("gets Ctrl-C, and the status says that it ended by it", async () => {
    await using rig = await rigWithWeb();
    const program = rig.start([SKERRY, ...way, "sh", "-c", "echo begun; exec sleep 60"], { tty: true });
    await program.until(/begun/);
    program.type("\x03");
    expect(await program.exit).toMatchObject({ exitCode: 130 });
  });

  test.each(["SIGTERM", "SIGHUP", "SIGINT"] as const)("gets a %s that is sent to skerry", async (signal) => {
    await using rig = await rigWithWeb();
    const script = `trap 'echo got it; exit 9' ${signal.slice(3)}; echo begun; while :; do sleep 0.05; done`;
    const program = rig.start([SKERRY, ...way, "bash", "-c", script]);
    await program.until(/begun/);
    program.kill(signal);
    expect(await program.exit).toMatchObject({ exitCode: 9, stdout: "begun\ngot it\n" });
  });

  test("is stopped by Ctrl-Z and goes on in the foreground", async () => {
    await using rig = await rigWithWeb();
    const shell = rig.start(["bash", "--norc", "--noediting", "-i"], { tty: true, env: { PS1: "ready$ " } });
    await shell.until(/ready\$ /);
    shell.type(`${[SKERRY, ...way].join(" ")} sh -c 'echo be""gun; read line; echo "it read $line"; exit 5'\n`);
    await shell.until(/begun/);
    shell.type("\x1a");
    await shell.until(/Stopped/);
    shell.type("fg\n");
    await sleep(300);
    shell.type("this\n");
    await shell.until(/it read this/);
    shell.type("echo status=$?\n");
    await shell.until(/status=5/);
    shell.type("exit\n");
    await shell.exit;
  });

  test("reads what the shell passes as <(…), and writes to >(…)", async () => {
    await using rig = await rigWithWeb();
    expect((await bash(rig, '"$@" cat <(echo one) <(echo two)', way)).stdout).toBe("one\ntwo\n");
    expect((await bash(rig, '"$@" sh -c "echo out >\\"\\$1\\"" sh >(sed s/^/to-/); sleep 0.2', way)).stdout).toBe(
      "to-out\n",
    );
  });

  test("shares the jobs of the make that runs skerry", async () => {
    await using rig = await rigWithWeb();
    rig.write("Makefile", `all:\n\t+@${[SKERRY, ...way].join(" ")} make -f inner.mk\n`);
    rig.write("inner.mk", "all: a b\na b:\n\t@echo $@ >> made\n");
    expect(await rig.run(["make", "-j2", "--no-print-directory"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(readFileSync(join(rig.cwd, "made"), "utf8").split("\n").sort()).toEqual(["", "a", "b"]);
  });

  test("has the caller's folder and mask", async () => {
    await using rig = await rigWithWeb();
    mkdirSync(join(rig.cwd, "sub"));
    const line = 'umask 027; cd sub; "$@" sh -c "pwd; umask"';
    expect((await bash(rig, line, way)).stdout).toBe(`${rig.cwd}/sub\n0027\n`);
  });

  test.skipIf(process.platform !== "linux")("has signals as they are by default, and no descriptor more", async () => {
    await using rig = await rigWithWeb();
    // Not Python: it ignores SIGPIPE and SIGXFSZ itself.
    const ask = "grep -E 'Sig(Ign|Blk)' /proc/self/status; ls /proc/self/fd";
    expect((await rig.run([SKERRY, ...way, "sh", "-c", ask])).stdout).toBe(
      "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n0\n1\n2\n3\n",
    );
  });

  test("has the caller's variables but for those that are kept out, and its environment's", async () => {
    await using rig = await rigWithWeb();
    const env = {
      ODD: "a=b\nc \u{1F600}",
      EMPTY: "",
      NODE_OPTIONS: "--max-old-space-size=64",
      BUN_INSTALL: "/x",
      PYTHONPATH: "/evil",
      PYTHONHOME: "/evil",
      CONDA_PREFIX: "/evil",
      LD_AUDIT: "",
    };
    const { SKERRY_PROCESS, ...seen } = variables((await rig.run([SKERRY, ...way, "env", "-0"], { env })).stdout);
    const { PYTHONPATH, PYTHONHOME, CONDA_PREFIX, LD_AUDIT, ...kept } = { ...rig.env, ...env };
    const prefix = seen.VIRTUAL_ENV ?? "";
    expect(prefix).toStartWith(`${rig.home}/envs/`);
    const name = way.includes("web") ? "web" : (seen.SKERRY_ENV ?? "");
    expect(SKERRY_PROCESS).toMatch(/^[0-9a-f]{16}$/);
    expect(seen).toEqual({
      ...kept,
      PATH: `${prefix}/bin:${rig.env.PATH}`,
      VIRTUAL_ENV: prefix,
      VIRTUAL_ENV_PROMPT: name,
      SKERRY_ENV: name,
      SKERRY_WORK: `${prefix.replace(/\/venv$/, "")}/work`,
      ...(name === "web" ? { TMPDIR: temporaryOf(dirname(prefix)) } : {}),
    });
  });

  test("is the program that is named, with its arguments as they were typed", async () => {
    await using rig = await rigWithWeb();
    const words = ["", " ", "*", "a'b", '"', "$HOME", "\\", "\n", "--", "--json", "-h", "\u{1F600}"];
    const ask = ["python", "-c", "import json, sys; print(json.dumps(sys.argv[1:]))", ...words];
    expect(JSON.parse((await rig.run([SKERRY, ...way, ...ask])).stdout)).toEqual(words);
  });
});

function variables(text: string): Record<string, string> {
  const pairs = text.split("\0").filter(Boolean);
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

describe.each(BECOMES)("skerry itself, %s", (_, way) => {
  test("is gone: the program has its process id", async () => {
    await using rig = await rigWithWeb();
    const program: Program = rig.start([SKERRY, ...way, "sh", "-c", "echo $$"]);
    expect((await program.exit).stdout).toBe(`${program.pid}\n`);
  });
});

describe("the folder that skerry is started in", () => {
  const hostile = (rig: Rig) => {
    const evil =
      'import { writeFileSync } from "node:fs"; writeFileSync(`${import.meta.dir}/ran`, ""); process.exit(66);';
    for (const name of ["evil.ts", "index.ts", "preload.js"]) rig.write(name, evil);
    rig.write("bunfig.toml", 'preload = ["./evil.ts"]\n[run]\npreload = ["./evil.ts"]\n');
    for (const name of [".env", ".env.local", ".env.production", ".env.development"]) {
      rig.write(name, "LEAKED=yes\nSKERRY_HOME=./stolen\nBUN_OPTIONS=--preload=./evil.ts\nPATH=./bin\n");
    }
    rig.write(
      "package.json",
      '{ "name": "skerry", "version": "6.6.6", "type": "commonjs", "main": "evil.ts", "imports": { "#*": "./evil.ts" } }',
    );
    rig.write("tsconfig.json", '{ "compilerOptions": { "baseUrl": ".", "paths": { "*": ["./evil.ts"] } } }');
    for (const name of ["zod", "smol-toml", "@renovatebot/pep440"]) rig.write(`node_modules/${name}/index.js`, evil);
  };

  test.each(WAYS)("gives nothing to a program that runs %s", async (_, way) => {
    await using rig = await rigWithWeb();
    hostile(rig);
    const { stdout, exitCode } = await rig.run([SKERRY, ...way, "env"]);
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(/LEAKED|stolen|BUN_OPTIONS/);
    expect(existsSync(join(rig.cwd, "ran"))).toBe(false);
    expect(existsSync(join(rig.cwd, "stolen"))).toBe(false);
  });
});

describe("variables for the runtime that skerry is built with", () => {
  let script: string;
  beforeAll(() => {
    script = read("skerry");
  });

  test("are left out by the checkout's skerry, and NODE_OPTIONS means nothing to it", async () => {
    await using rig = await Rig.make();
    // A checkout whose executable is fresh.
    rig.write("checkout/skerry", script, 0o755);
    mkdirSync(join(rig.cwd, "checkout/dist"));
    symlinkSync(SKERRY, join(rig.cwd, "checkout/dist/skerry"));
    rig.write("evil.ts", 'console.log("evil"); process.exit(66);');
    const evil = join(rig.cwd, "evil.ts");
    const env = { BUN_OPTIONS: `--preload=${evil}`, BUN_BE_BUN: "1", NODE_OPTIONS: `--require=${evil}` };
    const skerry = join(rig.cwd, "checkout/skerry");
    expect(await rig.run([skerry, "--version"], { env })).toEqual({
      exitCode: 0,
      stdout: `skerry ${version}\n`,
      stderr: "",
    });
    const { stdout } = await rig.run([skerry, "run", "--python", PYTHON, "--", "env"], { env });
    expect(stdout).toContain(`NODE_OPTIONS=${env.NODE_OPTIONS}\n`);
    expect(stdout).not.toMatch(/^BUN_/m);
  });

  test("are told about where they can't be left out", () => {
    expect(readFileSync(join(import.meta.dirname, "../../docs/reference/environment-variables.md"), "utf8")).toMatch(
      /`BUN_OPTIONS`.*`BUN_BE_BUN`/s,
    );
  });
});

test("a program that ignores its children's ends starts Skerry, which is told of the ends of its own", async () => {
  await using rig = await Rig.make();
  const ignoring =
    "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])";
  const skerry = (...args: string[]) => rig.run([PYTHON, "-c", ignoring, rig.program, ...args]);
  expect(await skerry("create", "x", "--python", PYTHON)).toMatchObject({ exitCode: 0 });
  expect(await skerry("check", "x")).toMatchObject({ exitCode: 0 });
  expect(await skerry("exec", "x", "--timeout", "60s", "--", "sh", "-c", "exit 4")).toMatchObject({ exitCode: 4 });
  rig.write("skerry.toml", '[tasks.fail]\ncommand = "exit 3"\nshell = true\nenvironment = false\n');
  expect(await rig.skerry(["trust", "--yes"])).toMatchObject({ exitCode: 0 });
  expect(await skerry("task", "fail")).toMatchObject({ exitCode: 3 });
});
