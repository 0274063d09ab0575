import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { checkDocuments } from "./documents.ts";
import { pythons } from "./pythons.ts";

/** How a program is run. */
export interface ProgramOptions {
  /** Typed at once; standard input is empty when absent. */
  readonly input?: string;
  /** Leaves standard input open, for {@link Program.type}; on a terminal it always is. */
  readonly keepInput?: boolean;
  /** Added to the rig's variables; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Milliseconds until it is killed; 60,000 when absent. */
  readonly timeout?: number;
  /** Who it runs as; absent: who runs the tests. */
  readonly uid?: number;
  readonly gid?: number;
  /** Runs it on a terminal: what appears there is stdout, and stderr is empty. */
  readonly tty?: boolean;
}

/** How a program ended: 128 + n when signal n ended it. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export class Program {
  readonly pid: number;
  readonly exit: Promise<Outcome>;
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;

  constructor(argv: readonly [string, ...string[]], options: ProgramOptions, cwd: string, env: NodeJS.ProcessEnv) {
    const [file, ...args] = options.tty ? onTerminal(argv) : argv;
    const { uid, gid } = options;
    const user = uid === undefined ? {} : { uid, ...(gid === undefined ? {} : { gid }) };
    const child = spawn(file as string, args, { cwd: options.cwd ?? cwd, env: { ...env, ...options.env }, ...user });
    this.#child = child;
    this.pid = child.pid ?? 0;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    // A program that ends without reading its input is no error of the test.
    child.stdin.on("error", () => {});
    if (options.input !== undefined) child.stdin.write(options.input);
    if (!options.tty && !options.keepInput) child.stdin.end();
    this.exit = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        const shown = `${this.stdout}${this.stderr}`.slice(-2000);
        reject(new Error(`${argv.join(" ")} didn't end in ${options.timeout ?? 60_000} ms; it had written:\n${shown}`));
      }, options.timeout ?? 60_000);
      child.on("error", reject);
      child.on("close", (code, signal) => {
        clearTimeout(timer);
        const exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
        const outcome = { exitCode, stdout: this.stdout, stderr: this.stderr };
        checkDocuments(argv, this.stdout).then(() => resolve(outcome), reject);
      });
    });
    // Whoever awaits `exit` gets the failure; a test that has already failed doesn't fail twice.
    this.exit.catch(() => {});
  }

  /** Types text; `"\x03"` is Ctrl-C on a terminal. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Waits until the program has written what `pattern` finds. */
  async until(pattern: RegExp, timeoutMs = 30_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!pattern.test(this.stdout + this.stderr)) {
      if (Date.now() > deadline || this.#child.exitCode !== null) {
        throw new Error(`${pattern} was never written, but:\n${(this.stdout + this.stderr).slice(-2000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Sends a signal to the program itself. On a terminal, type Ctrl-C instead: the program is a child of the terminal's. */
  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.#child.kill(signal);
  }
}

function onTerminal(argv: readonly string[]): string[] {
  const python = pythons()[0]?.path ?? "python3";
  return [python, "-I", join(import.meta.dirname, "pty.py"), ...argv];
}
