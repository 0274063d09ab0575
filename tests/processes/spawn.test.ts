import { afterEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { operation } from "../../src/core/operation.ts";
import type { ExecPlan, ProcessIo } from "../../src/core/process.ts";
import { identityOf, isAlive } from "../../src/platform/identity.ts";
import { attachLocal, startLocal, UNKNOWN_EXIT } from "../../src/processes/spawn.ts";
import { cleanUp, program, temporaryFolder, until } from "../platform/support.ts";

afterEach(cleanUp);
const CAPTURE: ProcessIo = { stdin: "ignore", stdout: "capture", stderr: "capture" };
const op = operation();

function bash(script: string, cwd = "/"): ExecPlan {
  return { file: "/bin/bash", argv: ["bash", "-c", script], env: { PATH: process.env.PATH! }, cwd };
}
async function run(script: string, io: ProcessIo = CAPTURE) {
  return (await startLocal(bash(script), io, op)).exit;
}

describe("a started command", () => {
  test("gives its output and exit code; a signal is 128 + n", async () => {
    expect(await run("echo out; echo err >&2; exit 7")).toMatchObject({
      exitCode: 7,
      stdout: "out\n",
      stderr: "err\n",
      timedOut: false,
    });
    expect(await run("kill -KILL $$")).toMatchObject({ exitCode: 137, signal: "SIGKILL" });
    expect(await run("cat", { ...CAPTURE, stdin: { text: "given" } })).toMatchObject({ stdout: "given" });
  });

  test("is captured up to a limit, its beginning and its end", async () => {
    const { stdout, truncated } = await run("printf begin; head -c 5000000 /dev/zero | tr '\\0' x; printf end", {
      ...CAPTURE,
      captureLimit: 1000,
    });
    expect(stdout).toMatch(/^beginx{992}end$/);
    expect(truncated).toEqual({ stdout: 5_000_008 - 1000, stderr: 0 });
  });

  test("tells its lines as they come, whole, whatever is kept of them", async () => {
    const lines: string[] = [];
    const script = "printf 'a\\xc3'; sleep 0.1; printf '\\xa4\\nb\\r\\nc\\rd'; echo err >&2; read _; printf e";
    const onLine = (line: string, stream: string) => void lines.push(`${stream}: ${line}`);
    const child = await startLocal(bash(script), { ...CAPTURE, captureLimit: 0, onLine }, op);
    await until(() => lines.length >= 3);
    await child.exit;
    const of = (stream: string) => lines.filter((line) => line.startsWith(stream));
    expect([of("stdout"), of("stderr")]).toEqual([
      ["stdout: aä", "stdout: b", "stdout: c", "stdout: de"],
      ["stderr: err"],
    ]);
  });

  test("goes on to its end where what is told of its lines fails", async () => {
    const warned: string[] = [];
    const note = (warning: Error) => void warned.push(warning.message);
    process.on("warning", note);
    const io = (onLine: NonNullable<ProcessIo["onLine"]>) => ({ ...CAPTURE, onLine });
    const fails = (line: string) => {
      throw new Error(`can't take ${line}`);
    };
    expect(await run("echo one; echo two", io(fails))).toMatchObject({ exitCode: 0, stdout: "one\ntwo\n" });
    expect(
      await run(
        "echo three",
        io(async (line) => fails(line)),
      ),
    ).toMatchObject({ exitCode: 0 });
    await until(() => warned.length === 3);
    process.off("warning", note);
    expect(warned).toEqual(["can't take one", "can't take two", "can't take three"]);
  });

  test("may be a script without a first line for the kernel, which the shell runs, and no garbage", async () => {
    const folder = temporaryFolder();
    const plan = (name: string, content: string) => {
      writeFileSync(join(folder, name), content, { mode: 0o755 });
      return { ...bash(""), file: join(folder, name), argv: [name, "one"] };
    };
    const script = await startLocal(plan("script", "echo $1\n"), CAPTURE, op);
    expect(await script.exit).toMatchObject({ exitCode: 0, stdout: "one\n" });
    await expect(startLocal(plan("garbage", "\x7fELF\0"), CAPTURE, op)).rejects.toMatchObject({
      code: "SKE-COMMAND-NOT-FOUND",
      details: { exec: 126 },
    });
  });

  test("tells a line of more than 64 KiB in pieces", async () => {
    const lines: string[] = [];
    const onLine = (line: string) => void lines.push(line);
    const script = "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo; printf 'a\\rb\\r'; sleep 0.1; printf '\\nc\\r'";
    await (await startLocal(bash(script), { ...CAPTURE, captureLimit: 0, onLine }, op)).exit;
    const pieces = lines.slice(0, -4);
    expect(pieces.join("")).toBe("x".repeat(1_000_000));
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(1 << 20);
    expect(pieces.length).toBeGreaterThan(1);
    expect(lines.slice(-4)).toEqual(["", "a", "b", "c"]);
  });

  test("that takes too long ends with all that it started: 124", async () => {
    const child = await startLocal(
      bash("(setsid sleep 300 & echo $!) ; sleep 300"),
      { ...CAPTURE, timeoutMs: 300 },
      op,
    );
    const { exitCode, timedOut, stdout } = await child.exit;
    expect({ exitCode, timedOut }).toEqual({ exitCode: 124, timedOut: true });
    expect(identityOf(Number(stdout))).toBeUndefined();
  });

  test("ends when its operation is stopped", async () => {
    const stop = new AbortController();
    const child = await startLocal(bash("exec sleep 300"), CAPTURE, operation({ signal: stop.signal }));
    stop.abort();
    expect(await child.exit).toMatchObject({ exitCode: 130, signal: "SIGINT", timedOut: false });
  });

  test("that can't be executed has the exit status of shells in its error", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "file");
    const start = (cwd = folder) => startLocal({ file, argv: ["file"], env: {}, cwd }, CAPTURE, op);
    const exec = (status: number) => ({ code: "SKE-COMMAND-NOT-FOUND", details: { exec: status } });
    await expect(start()).rejects.toMatchObject(exec(127));
    writeFileSync(file, "#!/no/such/interpreter\n", { mode: 0o644 });
    await expect(start()).rejects.toMatchObject(exec(126));
    await expect(start("/no/such")).rejects.toMatchObject({
      code: "SKE-IO",
      message: expect.stringMatching(/\/no\/such/),
    });
  });

  test("can be taken up by its reference, watched and stopped", async () => {
    const child = await startLocal(bash("exec sleep 300"), CAPTURE, op);
    const again = attachLocal(JSON.parse(JSON.stringify(child.ref)))!;
    const { exit } = again;
    await again.stop({ graceMs: 0 });
    expect((await exit).exitCode).toBe(UNKNOWN_EXIT);
    expect((await child.exit).exitCode).toBe(137);
    expect(isAlive(child.ref)).toBe(false);
    expect(attachLocal(child.ref)).toBeUndefined();
  });
});

/** A terminal of its own that a program runs on. */
function terminal(...argv: string[]) {
  const pty = join(import.meta.dirname, "../rig/pty.py");
  const child = Bun.spawn(["python3", "-I", pty, process.execPath, ...argv], { stdin: "pipe", stdout: "pipe" });
  let shown = "";
  (async () => {
    for await (const chunk of child.stdout) shown += new TextDecoder().decode(chunk);
  })();
  const type = (text: string) => {
    child.stdin.write(text);
    child.stdin.flush();
  };
  return { child, shown: () => shown, type };
}

const ASK = `import sys
print("tty", [f.isatty() for f in (sys.stdin, sys.stdout, sys.stderr)], flush=True)
try: print("read", input()[::-1], flush=True); input()
except KeyboardInterrupt: print("interrupted", flush=True); sys.exit(5)`;

describe.each(["start", "replace"])("a terminal, with %s", (how) => {
  test("is handed through: it is one, can be read, and Ctrl-C reaches the command", async () => {
    const { child, shown, type } = terminal(program(how), "/usr/bin/env", "python3", "-c", ASK);
    await until(() => shown().includes("tty [True, True, True]"));
    type("abc\n");
    await until(() => shown().includes("read cba"));
    type("\x03");
    await until(() => shown().includes("interrupted"));
    expect(await child.exited).toBe(5);
  }, 30_000);
});
