import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { at } from "../../scripts/tasks/command.ts";
import { testEnvironment } from "../../scripts/tasks/test-environment.ts";
import { openSkerry, type Skerry } from "../../src/index.ts";
import { type Python, pythons } from "../../tests/rig/pythons.ts";
import { command, type Surroundings } from "./measure.ts";
import { findUv, type Uv } from "./uv.ts";

/** The newest CPython that the frozen packages have wheels for. */
const NEWEST_MINOR = 13;
const OLDEST_MINOR = 11;

/** The pins that the benchmarks of many packages install. */
export const PACKAGES = at("bench/packages.txt");

/**
 * What both sides share: one interpreter, one scratch folder for all state and caches (one file system, so that links
 * are possible), one set of variables. Disposing of it, or a signal, removes the folder.
 */
export class Ground implements Disposable {
  /** Rounds of each measurement. */
  readonly rounds: number;
  readonly scratch: string;
  readonly python: Python;
  readonly uv: Uv;
  /** A copy of the built executable, which a build meanwhile can't replace. */
  readonly skerry: string;
  readonly env: Readonly<Record<string, string>>;
  /** An empty folder, where programs start. */
  readonly cwd: string;
  readonly #remove = () => remove(this.scratch);

  constructor(rounds: number) {
    this.rounds = rounds;
    this.python = newestPython();
    this.scratch = realpathSync(mkdtempSync(join(tmpdir(), "skerry-bench-")));
    process.on("exit", this.#remove);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(1));
    const clean = cleanEnvironment(this.scratch);
    this.uv = findUv(this.python.path, join(this.scratch, "uv"), { cwd: this.scratch, env: clean });
    this.env = { ...clean, PATH: [dirname(this.uv.path), clean.PATH].join(delimiter) };
    this.cwd = this.folder("cwd");
    this.skerry = join(this.scratch, "skerry");
    copyFileSync(at("dist/skerry"), this.skerry);
    this.folder("tmp");
    this.folder("home");
  }

  /** Makes an empty folder in the scratch folder. */
  folder(name: string): string {
    const path = join(this.scratch, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Where programs run: the empty folder, unless another is named. */
  surroundings(cwd = this.cwd): Surroundings {
    return { cwd, env: this.env };
  }

  /** Runs a program to its end. @returns what it printed @throws when it fails */
  run(argv: readonly string[], cwd?: string): string {
    return command(argv, this.surroundings(cwd));
  }

  /** Opens the library from source, in this process, on the executable's state or on a state of its own. */
  open(home = this.env.SKERRY_HOME!): Promise<Skerry> {
    return openSkerry({ env: this.env, cwd: this.cwd, home });
  }

  [Symbol.dispose](): void {
    process.off("exit", this.#remove);
    this.#remove();
  }
}

function newestPython(): Python {
  const fits = ({ minor }: Python) =>
    Number(minor.split(".")[1]) >= OLDEST_MINOR && Number(minor.split(".")[1]) <= NEWEST_MINOR;
  const python = pythons().findLast((one) => one.implementation === "cpython" && fits(one));
  if (!python) throw new Error(`the benchmarks need CPython 3.${OLDEST_MINOR} to 3.${NEWEST_MINOR}`);
  return python;
}

/** The caller's variables without what they say of Python and its tools, and a PATH without shims, which are slow. */
function cleanEnvironment(scratch: string): Record<string, string> {
  const env = testEnvironment(process.env);
  const path = (env.PATH ?? "/usr/local/bin:/usr/bin:/bin").split(delimiter);
  return {
    ...(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)) as Record<string, string>),
    PATH: path.filter((folder) => !/\/shims\/?$/.test(folder) && existsSync(folder)).join(delimiter),
    HOME: join(scratch, "home"),
    TMPDIR: join(scratch, "tmp"),
    SKERRY_HOME: join(scratch, "state"),
    UV_CACHE_DIR: join(scratch, "uv-cache"),
    // An interpreter is always named; none is to be downloaded in its place.
    UV_PYTHON_DOWNLOADS: "never",
  };
}

/** Removes a folder, read-only ones in it included. */
export function remove(folder: string): void {
  // Layers are read-only, folders included.
  spawnSync("chmod", ["-R", "u+w", folder], { stdio: "ignore" });
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
