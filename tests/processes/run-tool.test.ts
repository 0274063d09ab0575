import { afterEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { operation } from "../../src/core/operation.ts";
import { Captured } from "../../src/processes/capture.ts";
import { lastLines, runTool } from "../../src/processes/run-tool.ts";
import { cleanUp, temporaryFolder } from "../platform/support.ts";

afterEach(cleanUp);
const op = operation();

describe("external tools", () => {
  test("give back their output, status and signal", async () => {
    const result = await runTool(["sh", "-c", "cat; echo $NAME >&2; pwd; exit 3"], {
      op,
      timeoutMs: 10_000,
      input: "in ",
      cwd: "/",
      env: { PATH: process.env.PATH!, NAME: "value" },
    });
    expect(result).toMatchObject({ exitCode: 3, signal: null, stdout: "in /\n", stderr: "value\n" });
    expect(await runTool(["sh", "-c", "kill -9 $$"], { op, timeoutMs: 10_000 })).toMatchObject({
      exitCode: null,
      signal: "SIGKILL",
    });
  });

  test("tell their lines as they come, whole characters and lines only", async () => {
    const lines: string[] = [];
    await runTool(
      [
        "python3",
        "-c",
        "import os,time\nfor b in [b'\\xc3', b'\\xa5\\nb\\r', b'\\nc\\rd']: os.write(1,b); time.sleep(.05)",
      ],
      {
        op,
        timeoutMs: 10_000,
        onLine: (line, stream) => lines.push(`${stream} ${line}`),
      },
    );
    expect(lines).toEqual(["stdout å", "stdout b", "stdout c", "stdout d"]);
  });

  test("that take too long are ended, and the last lines are told", async () => {
    const run = runTool(["sh", "-c", "for i in $(seq 30); do echo line $i; done; sleep 60"], { op, timeoutMs: 300 });
    const error = await run.catch((e: unknown) => e as Error & { code: string });
    expect(error).toMatchObject({ code: "SKE-TIMEOUT" });
    expect((error as Error).message).toMatch(/took longer than 300 ms; its last lines:\nline 11\n(.*\n)*line 30$/);
  });

  test("are ended when the operation is stopped, before it or in the midst of it", async () => {
    const stop = new AbortController();
    const request = { op: operation({ signal: stop.signal }), timeoutMs: 60_000 };
    setTimeout(() => stop.abort(), 100);
    await expect(runTool(["sleep", "60"], request)).rejects.toMatchObject({ code: "SKE-INTERRUPTED" });
    await expect(runTool(["sleep", "60"], request)).rejects.toMatchObject({ code: "SKE-INTERRUPTED" });
  });

  test("that leave something in the background with their pipes don't hang", async () => {
    const began = performance.now();
    const { stdout } = await runTool(["sh", "-c", "echo out; sleep 4 &"], { op, timeoutMs: 20_000 });
    expect(stdout).toBe("out\n");
    expect(performance.now() - began).toBeLessThan(3500);
  });

  test("that can't be started say why", async () => {
    const request = { op, timeoutMs: 1000 };
    await expect(runTool(["no-such-tool"], request)).rejects.toMatchObject({
      code: "SKE-TOOL",
      message: expect.stringMatching(/there is no such program/),
    });
    await expect(runTool([temporaryFolder()], request)).rejects.toMatchObject({ code: "SKE-TOOL" });
    await expect(runTool(["true"], { ...request, cwd: "/no/such" })).rejects.toMatchObject({
      code: "SKE-IO",
      message: expect.stringMatching(/\/no\/such/),
    });
  });

  test("may leave their input unread", async () => {
    expect((await runTool(["true"], { op, timeoutMs: 10_000, input: "x".repeat(1 << 20) })).exitCode).toBe(0);
  });

  test("lastLines leaves blank ones out", () => {
    expect(lastLines("a\n\nb\r\nc\rd\n", 2)).toBe("c\nd");
  });
});

test("captured output keeps its first and last half", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.integer({ min: 2, max: 60 }), (chunks, limit) => {
      const kept = new Captured(limit);
      for (const chunk of chunks) kept.add(Buffer.from(chunk.map((byte) => 97 + (byte % 26))));
      const all = Buffer.concat(chunks.map((chunk) => chunk.map((byte) => 97 + (byte % 26)))).toString();
      const half = Math.floor(limit / 2);
      const expected = all.length <= 2 * half ? all : all.slice(0, half) + all.slice(-half);
      expect(kept.text()).toBe(expected);
      expect(kept.dropped).toBe(all.length - expected.length);
    }),
  );
});
