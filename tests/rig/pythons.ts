import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { pyenvRoot } from "./clean-environment.ts";

/** An interpreter of this machine, not of a virtual environment. */
export interface Python {
  /** The executable itself, no link and no shim. */
  readonly path: string;
  /** `cpython` or `pypy`. */
  readonly implementation: string;
  readonly version: string;
  /** `3.12` */
  readonly minor: string;
}

const NAMES = ["python3", ...Array.from({ length: 12 }, (_, n) => `python3.${n + 8}`), "pypy3"];
const FACTS =
  "import platform, sys; print(sys.implementation.name, platform.python_version(), sys.prefix == sys.base_prefix)";
let found: readonly Python[] | undefined;

/** Every interpreter that Skerry supports (3.8 and newer) in the usual folders and pyenv's, oldest first. */
export function pythons(): readonly Python[] {
  found ??= [...candidates()].flatMap(look).sort((a, b) => minorOf(a) - minorOf(b));
  return found;
}

/** The newest CPython that can make virtual environments. */
export function newestPython(): Python {
  const python = pythons().findLast((one) => one.implementation === "cpython" && canMakeEnvironments(one));
  if (!python) throw new Error("these tests need CPython 3.8 or newer with the modules venv and ensurepip");
  return python;
}

function candidates(): Set<string> {
  const pyenv = pyenvRoot();
  const versions = pyenv
    ? readdirSync(join(pyenv, "versions")).map((name) => join(pyenv, "versions", name, "bin"))
    : [];
  const folders = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", ...versions];
  const paths = folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).filter((path) => existsSync(path));
  return new Set(paths.map((path) => realpathSync(path)));
}

function look(path: string): Python[] {
  try {
    const answer = execFileSync(path, ["-I", "-c", FACTS], {
      encoding: "utf8",
      timeout: 20_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [implementation = "", version = "", isBase] = answer.trim().split(" ");
    const python = { path, implementation, version, minor: version.split(".").slice(0, 2).join(".") };
    return isBase === "True" && minorOf(python) >= 8 ? [python] : [];
  } catch {
    return [];
  }
}

function minorOf(python: Python): number {
  return Number(python.minor.split(".")[1]);
}

function canMakeEnvironments(python: Python): boolean {
  try {
    execFileSync(python.path, ["-I", "-c", "import venv, ensurepip"], { timeout: 20_000, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
