import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { cleanEnvironment } from "./clean-environment.ts";
import { newestPython } from "./pythons.ts";

/** Where downloads and programs are kept for all tests of this user. */
export const TEST_CACHE = join(tmpdir(), `skerry-test-cache-${userInfo().uid}`);

/** The folder of a uv from the package index, installed once for all test runs, so that not every test fetches it. */
export function uvFolder(): string {
  const venv = join(TEST_CACHE, "uv-program");
  const making = `${venv}-${process.pid}`;
  if (!existsSync(venv)) {
    mkdirSync(TEST_CACHE, { recursive: true });
    const env = { ...cleanEnvironment(TEST_CACHE), HOME: TEST_CACHE };
    execFileSync(newestPython().path, ["-m", "venv", making], { env });
    execFileSync(join(making, "bin", "python"), ["-m", "pip", "install", "--quiet", "uv"], { env });
    // A virtual environment can't be moved, but the program in it can.
    mkdirSync(join(making, "only"));
    renameSync(join(making, "bin", "uv"), join(making, "only", "uv"));
    try {
      renameSync(join(making, "only"), venv);
    } catch {
      // Another test run was faster.
    }
    rmSync(making, { recursive: true });
  }
  return venv;
}
