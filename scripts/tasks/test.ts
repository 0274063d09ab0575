import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.ts";
import { ROOT, TaskError } from "./command.ts";
import { testEnvironment } from "./test-environment.ts";
import { type Count, countOf, unexplainedSkips } from "./test-report.ts";

/** Real interpreters, real installs, on a busy machine. */
const TEST_TIMEOUT_MS = 180_000;

/**
 * `test [--coverage] [paths or flags of bun test]`: builds what is stale, runs the suites, and ends with the line
 * `N passed, N failed`, with `, N skipped` where tests were. With CI set, a skip without a reason on file fails.
 */
export async function test(args: readonly string[]): Promise<void> {
  build(["--if-stale"]);
  const folder = mkdtempSync(join(tmpdir(), "skerry-test-"));
  try {
    const junit = join(folder, "junit.xml");
    const fixed = ["--isolate", `--timeout=${TEST_TIMEOUT_MS}`, "--reporter=junit", `--reporter-outfile=${junit}`];
    const { status, output } = await tee(["test", ...fixed, ...(args.length ? args : ["tests"])]);
    const count = countOf(output, status);
    const unexplained = process.env.CI ? unexplainedSkips(junit) : [];
    for (const name of unexplained) console.error(`skipped without a reason in tests/skips.json: ${name}`);
    summarise({ ...count, failed: count.failed + unexplained.length });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function summarise({ passed, failed, skipped }: Count): void {
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
  if (failed > 0) throw new TaskError(`${failed} of the tests failed; what happened is above`);
}

/** Runs Bun with its output passed on and kept. */
async function tee(args: readonly string[]): Promise<{ status: number; output: string }> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: testEnvironment(process.env),
    stdio: ["ignore", "inherit", "pipe"],
  });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => {
    process.stderr.write(chunk);
    output = (output + chunk.toString()).slice(-20_000);
  });
  const status = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
  return { status, output };
}
