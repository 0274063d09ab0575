import { afterEach } from "bun:test";
import { execFileSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { temporaryOf } from "../../src/platform/temporary.ts";
import { cleanEnvironment } from "./clean-environment.ts";
import { filtered } from "./filter.ts";
import { filesOpenIn, processesLeft, processesOf } from "./leaks.ts";
import { ORDINARY, ordinaryCache, ordinaryPython, startable, type User } from "./ordinary.ts";
import { type Outcome, Program, type ProgramOptions } from "./program.ts";
import { newestPython } from "./pythons.ts";
import { TEST_CACHE, uvFolder } from "./uv.ts";

export { type Outcome, Program, type ProgramOptions } from "./program.ts";
export { newestPython, pythons } from "./pythons.ts";

/** The executable under test: SKERRY_BIN, else the one that `npm run build` makes. */
export const SKERRY = process.env.SKERRY_BIN || join(import.meta.dirname, "../../dist/skerry");

/** Rigs that no test has disposed of yet. */
const open = new Set<Rig>();

// `await using` is left out when a test runs out of time.
afterEach(async () => {
  for (const rig of open) await rig[Symbol.asyncDispose]();
});

/**
 * A user's machine made for one test: its own home, state, temporary and working folder, and a clean environment.
 * Disposing of it removes everything, and fails the test when a process or an open file was left behind.
 */
export class Rig implements AsyncDisposable {
  /** Holds all else; no link in its path. */
  readonly root: string;
  /** SKERRY_HOME */
  readonly home: string;
  /** HOME */
  readonly user: string;
  readonly tmp: string;
  /** Where programs are started. */
  readonly cwd: string;
  /** The variables of programs; also for `openSkerry({ env })` and the like. */
  readonly env: Readonly<Record<string, string>>;

  /** Who programs run as, where it isn't who runs the tests. */
  readonly #runAs: User | undefined;

  private constructor(root: string, isOrdinary: boolean) {
    this.root = root;
    this.#runAs = isOrdinary ? ORDINARY : undefined;
    this.home = join(root, "state");
    this.user = join(root, "home");
    this.tmp = join(root, "tmp");
    this.cwd = join(root, "project");
    const env = cleanEnvironment(this.#runAs ? ordinaryCache() : TEST_CACHE);
    if (this.#runAs) delete env.PYENV_ROOT;
    const PATH = `${env.PATH}:${uvFolder()}`;
    this.env = { ...env, PATH, HOME: this.user, TMPDIR: this.tmp, SKERRY_HOME: this.home };
  }

  static async make(): Promise<Rig> {
    return Rig.#make(false);
  }

  /** The same with programs that run as a user whom permissions bind, also where the tests run as root. */
  static async ordinary(): Promise<Rig> {
    return Rig.#make(true);
  }

  static #make(isOrdinary: boolean): Rig {
    const rig = new Rig(realpathSync(mkdtempSync(join(tmpdir(), "skerry-rig-"))), isOrdinary);
    for (const folder of [rig.user, rig.tmp, rig.cwd]) mkdirSync(folder);
    for (const folder of [rig.root, rig.user, rig.tmp, rig.cwd]) rig.#give(folder);
    open.add(rig);
    return rig;
  }

  /** The executable under test, where the rig's user may start it. */
  get program(): string {
    return this.#runAs ? startable(SKERRY) : SKERRY;
  }

  /** The newest interpreter that the rig's user may start. */
  get python(): string {
    return this.#runAs ? ordinaryPython() : newestPython().path;
  }

  /** Runs `skerry` to its end. */
  skerry(args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
    return this.start([this.program, ...args], options).exit;
  }

  /** Runs any program to its end. */
  run(argv: readonly [string, ...string[]], options: ProgramOptions = {}): Promise<Outcome> {
    return this.start(argv, options).exit;
  }

  /** Starts a program: to kill it, to type to it, to have several at once. */
  start(argv: readonly [string, ...string[]], options: ProgramOptions = {}): Program {
    return new Program(argv, { ...options, ...this.#runAs }, this.cwd, this.env);
  }

  /** Writes a file, relative to {@link cwd}, and its folders. @returns its absolute path */
  write(path: string, text: string, mode = 0o644): string {
    const file = join(this.cwd, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
    for (let made = file; made !== this.root; made = dirname(made)) this.#give(made);
    return file;
  }

  /** Makes all below {@link cwd} the property of who the programs run as: what the test itself made with git. */
  giveAll(): void {
    if (this.#runAs)
      execFileSync("chown", ["-R", `${this.#runAs.uid}:${this.#runAs.gid}`, this.cwd], { timeout: 20_000 });
  }

  /** Makes something the property of who the programs run as. */
  #give(path: string): void {
    if (this.#runAs) chownSync(path, this.#runAs.uid, this.#runAs.gid);
  }

  /** An outcome as text to compare with a snapshot: exit status, stdout and stderr whole, without what varies. */
  show(outcome: Outcome): string {
    const { exitCode, stdout, stderr } = outcome;
    return filtered(`exit ${exitCode}\n--- stdout\n${stdout}--- stderr\n${stderr}`, this.root);
  }

  /** Ends every process that still runs in the rig, for tests that leave some on purpose. */
  endProcesses(): void {
    for (const { pid } of processesOf(this.root)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself in between.
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!open.delete(this)) return;
    const processes = await processesLeft(this.root);
    const files = filesOpenIn(this.root);
    this.endProcesses();
    const envs = join(this.home, "envs");
    const places = existsSync(envs) ? readdirSync(envs).map((id) => join(envs, id)) : [];
    for (const path of [...places.map(temporaryOf), this.root])
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    const left = [
      ...processes.map((one) => `process ${one.pid}: ${one.command}`),
      ...files.map((file) => `open file: ${file}`),
    ];
    if (left.length > 0) throw new Error(`the test left behind:\n${left.join("\n").replaceAll(this.root, "[ROOT]")}`);
  }
}
