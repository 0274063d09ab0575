import { afterEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { operation } from "../../src/core/operation.ts";
import type { ExecPlan, ProcessIo, RunningProcess } from "../../src/core/process.ts";
import { identityOf } from "../../src/platform/identity.ts";
import { attachProcess, spawnProcess } from "../../src/processes/spawn.ts";
import { startCommand, UNKNOWN_EXIT } from "../../src/processes/start.ts";
import { stopProcess } from "../../src/processes/stop.ts";
import { cleanUp, program, temporaryFolder, until } from "../platform/support.ts";

afterEach(cleanUp);
const CAPTURE: ProcessIo = { stdin: "ignore", stdout: "capture", stderr: "capture" };
const op = operation();

function bash(script: string, cwd = "/"): ExecPlan {
  return { file: "/bin/bash", argv: ["bash", "-c", script], env: { PATH: process.env.PATH! }, cwd };
}
function start(plan: ExecPlan, io: ProcessIo, by = op) {
  return startCommand((streams) => spawnProcess(plan, streams), io, by);
}
async function run(script: string, io: ProcessIo = CAPTURE) {
  return (await start(bash(script), io, op)).exit;
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
    const child = await start(bash(script), { ...CAPTURE, captureLimit: 0, onLine }, op);
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
    const script = await start(plan("script", "echo $1\n"), CAPTURE, op);
    expect(await script.exit).toMatchObject({ exitCode: 0, stdout: "one\n" });
    await expect(start(plan("garbage", "\x7fELF\0"), CAPTURE, op)).rejects.toMatchObject({
      code: "SKE-COMMAND-NOT-FOUND",
      details: { exec: 126 },
    });
  });

  test("tells a line of more than 64 KiB in pieces", async () => {
    const lines: string[] = [];
    const onLine = (line: string) => void lines.push(line);
    const script = "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo; printf 'a\\rb\\r'; sleep 0.1; printf '\\nc\\r'";
    await (await start(bash(script), { ...CAPTURE, captureLimit: 0, onLine }, op)).exit;
    const pieces = lines.slice(0, -4);
    expect(pieces.join("")).toBe("x".repeat(1_000_000));
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(1 << 20);
    expect(pieces.length).toBeGreaterThan(1);
    expect(lines.slice(-4)).toEqual(["", "a", "b", "c"]);
  });

  test("that takes too long ends with all that it started: 124", async () => {
    const child = await start(bash("(setsid sleep 300 & echo $!) ; sleep 300"), { ...CAPTURE, timeoutMs: 300 }, op);
    const { exitCode, timedOut, stdout } = await child.exit;
    expect({ exitCode, timedOut }).toEqual({ exitCode: 124, timedOut: true });
    expect(identityOf(Number(stdout))).toBeUndefined();
  });

  test("ends when its operation is stopped", async () => {
    const stop = new AbortController();
    const child = await start(bash("exec sleep 300"), CAPTURE, operation({ signal: stop.signal }));
    stop.abort();
    expect(await child.exit).toMatchObject({ exitCode: 130, signal: "SIGINT", timedOut: false });
  });

  test("that can't be executed has the exit status of shells in its error", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "file");
    const startIn = (cwd = folder) => start({ file, argv: ["file"], env: {}, cwd }, CAPTURE, op);
    const exec = (status: number) => ({ code: "SKE-COMMAND-NOT-FOUND", details: { exec: status } });
    await expect(startIn()).rejects.toMatchObject(exec(127));
    writeFileSync(file, "#!/no/such/interpreter\n", { mode: 0o644 });
    await expect(startIn()).rejects.toMatchObject(exec(126));
    await expect(startIn("/no/such")).rejects.toMatchObject({
      code: "SKE-IO",
      message: expect.stringMatching(/\/no\/such/),
    });
  });

  test("can be taken up by its reference, watched and stopped", async () => {
    const child = await start(bash("exec sleep 300"), CAPTURE, op);
    const again = attachProcess(JSON.parse(JSON.stringify(child.ref)));
    if (again === "gone") throw new Error("it is gone");
    const taken = await startCommand(async () => again, CAPTURE, op);
    expect(await stopProcess(again, 0)).toBe(true);
    expect((await taken.exit).exitCode).toBe(UNKNOWN_EXIT);
    expect((await child.exit).exitCode).toBe(137);
    expect(await again.isRunning()).toBe(false);
    expect(attachProcess(child.ref)).toBe("gone");
  });

  test("can be read while it runs, waits for its reader, and is fed while it runs", async () => {
    const child = await start(bash("head -c 10000000 /dev/zero; echo end >&2"), { ...CAPTURE, stdout: "pipe" });
    await Bun.sleep(300);
    // What was not read is in the pipe and in a buffer or two.
    expect(await attached(child.ref).isRunning()).toBe(true);
    let size = 0;
    for await (const bytes of child.stdout!) size += bytes.length;
    expect(size).toBe(10_000_000);
    expect(await child.exit).toMatchObject({ exitCode: 0, stdout: "", stderr: "end\n" });

    const line = Promise.withResolvers<void>();
    async function* input() {
      yield Uint8Array.of(0xff, 0x0a);
      await line.promise;
      yield Buffer.from("two\n");
    }
    const got: Uint8Array[] = [];
    const echo = await start(bash("cat"), { ...CAPTURE, stdin: input(), stdout: (bytes) => void got.push(bytes) });
    await until(() => got.length > 0);
    line.resolve();
    expect((await echo.exit).exitCode).toBe(0);
    expect([...Buffer.concat(got)]).toEqual([0xff, 0x0a, ...Buffer.from("two\n")]);
  });

  test("that nobody reads ends when its time is over; one whose input fails ends with that", async () => {
    const unread = await start(bash("yes"), { ...CAPTURE, stdout: "pipe", timeoutMs: 300 });
    expect(await unread.exit).toMatchObject({ exitCode: 124, timedOut: true });
    const stuck = await start(bash("yes"), { ...CAPTURE, stdout: () => new Promise<void>(() => {}), timeoutMs: 300 });
    expect(await stuck.exit).toMatchObject({ timedOut: true });
    async function* broken() {
      yield Buffer.from("one");
      throw new Error("no more to give");
    }
    const cut = await start(bash("cat"), { ...CAPTURE, stdin: broken() });
    await expect(cut.exit).rejects.toThrow("no more to give");
  });

  test("may have more time than a timer can take; what it leaves behind takes none of it", async () => {
    const patient = await start(bash("sleep 0.2; exit 3"), { ...CAPTURE, timeoutMs: 30 * 86_400_000 });
    expect(await patient.exit).toMatchObject({ exitCode: 3, timedOut: false });
    const quick = await start(bash("sleep 3 & exit 4"), { ...CAPTURE, timeoutMs: 500 });
    expect(await quick.exit).toMatchObject({ exitCode: 4, timedOut: false });
  });

  test("waits while what it printed is being taken, and ends with the failure of who takes it", async () => {
    let taken = 0;
    const slow = async (bytes: Uint8Array) => {
      await Bun.sleep(2);
      taken += bytes.length;
    };
    const child = await start(bash("head -c 20000000 /dev/zero"), { ...CAPTURE, stdout: slow });
    await child.exit;
    expect(taken).toBe(20_000_000);
    const full = async () => {
      throw new Error("no room");
    };
    const failing = await start(bash("yes"), { ...CAPTURE, stdout: full });
    await expect(failing.exit).rejects.toThrow("no room");
  });
});

function attached(ref: RunningProcess["ref"]) {
  const found = attachProcess(ref);
  if (found === "gone") throw new Error("it is gone");
  return found;
}

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
