import { execFileSync } from "node:child_process";
import { chownSync, copyFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { pythons } from "./pythons.ts";
import { TEST_CACHE } from "./uv.ts";

/** A user as the operating system knows one. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** `nobody`: a user whom permissions bind, for tests that run as root. Undefined where they run as an ordinary user already. */
export const ORDINARY: User | undefined = process.geteuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

/** A folder for the downloads of ordinary users, kept for all tests. */
export function ordinaryCache(): string {
  if (!ORDINARY) return TEST_CACHE;
  const cache = join(TEST_CACHE, "ordinary");
  mkdirSync(cache, { recursive: true });
  chownSync(cache, ORDINARY.uid, ORDINARY.gid);
  return cache;
}

/** A program that an ordinary user may start: itself, or a copy where it lies in a folder of root's alone. */
export function startable(program: string): string {
  if (mayStart(program)) return program;
  const { size, mtimeMs } = statSync(program);
  const copy = join(TEST_CACHE, `program-${size}-${Math.trunc(mtimeMs)}`);
  if (!existsSync(copy)) {
    copyFileSync(program, `${copy}.${process.pid}`);
    renameSync(`${copy}.${process.pid}`, copy);
  }
  return copy;
}

/** The newest CPython that can make environments and that an ordinary user may start. */
export function ordinaryPython(): string {
  const found = pythons().findLast(
    ({ path, implementation }) => implementation === "cpython" && mayStart(path, "-I", "-c", "import venv, ensurepip"),
  );
  if (found) return found.path;
  throw new Error("these tests need a CPython with venv and ensurepip that users other than root may start");
}

function mayStart(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args.length > 0 ? args : ["--version"], {
      ...ORDINARY,
      cwd: "/",
      stdio: "ignore",
      timeout: 20_000,
    });
    return true;
  } catch {
    return false;
  }
}
