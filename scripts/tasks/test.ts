import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.ts";
import { at, ROOT } from "./command.ts";
import { checkCoverage } from "./coverage.ts";
import { testEnvironment } from "./test-environment.ts";
import { countOf, skippedIn } from "./test-report.ts";

/** Real interpreters, real installs, on a busy machine. */
const TEST_TIMEOUT_MS = 180_000;

/** Tests load the machine they run on: more files at once than this make each other run out of time. */
const MOST_WORKERS = 4;

/** Without the storms, which `npm run test:long` runs. */
const EVERYTHING = ["--path-ignore-patterns=tests/long/**", "tests"];

/** What `bun test` is told to run of these arguments: with `--long`, the long suite where no path is named. */
export function chosenTests(args: readonly string[]): readonly string[] {
  const given = args.filter((arg) => arg !== "--coverage" && arg !== "--long");
  if (!args.includes("--long")) return given.length ? given : EVERYTHING;
  const named = given.some(
    (arg, at) => !arg.startsWith("-") && !/^(-t|--test-name-pattern)$/.test(given[at - 1] ?? ""),
  );
  return named ? given : ["tests/long", ...given];
}

/** How long each file took, by which the workers share them out. */
const TIMINGS = at("tests/timings.json");

/**
 * `test [--coverage] [--long] [paths or flags of bun test]`: builds what is stale, runs the suites, one file for each core at a
 * time, and ends with the line `N passed, N failed`, with `, N skipped` where tests were. With CI set, a skip fails;
 * with `--coverage` and no paths, too few lines that ran do.
 */
export async function test(args: readonly string[]): Promise<void> {
  build(["--if-stale"]);
  const folder = mkdtempSync(join(tmpdir(), "skerry-test-"));
  try {
    const junit = join(folder, "junit.xml");
    const flags = [`--timeout=${TEST_TIMEOUT_MS}`, "--reporter=junit", `--reporter-outfile=${junit}`];
    // It implies --isolate: without it globals, variables and the working folder leak between files.
    flags.push(`--parallel=${Math.min(availableParallelism(), MOST_WORKERS)}`, `--timings=${TIMINGS}`);
    const withCoverage = args.includes("--coverage");
    if (withCoverage) flags.push("--coverage", "--coverage-reporter=lcov", `--coverage-dir=${folder}`);
    const chosen = chosenTests(args);
    const { status, output } = await tee(["test", ...flags, ...chosen]);

    const { passed, failed, skipped } = countOf(output, status);
    // What isn't chosen by its name is told as skipped, too.
    const isChosen = args.some((arg) => /^(-t|--test-name-pattern)\b/.test(arg));
    const problems = process.env.CI && !isChosen ? skippedTests(junit) : [];
    const short = withCoverage ? checkCoverage(join(folder, "lcov.info")) : [];
    if (chosen === EVERYTHING) problems.push(...short);
    for (const problem of problems) console.error(`error: ${problem}`);
    // The line stays the last one: what failed is above.
    console.log(`${passed} passed, ${failed + problems.length} failed${skipped ? `, ${skipped} skipped` : ""}`);
    if (failed + problems.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Complaints about skipped tests; a report is missing where Bun itself failed. */
function skippedTests(junit: string): string[] {
  return existsSync(junit) ? skippedIn(readFileSync(junit, "utf8")).map((test) => `skipped: ${test}`) : [];
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
