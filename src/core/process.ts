/** A process that can be told from every other one, past and present, on this machine. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the kernel's own unit (Linux: clock ticks since boot; macOS: seconds since 1970). */
  readonly start: string;
  /** The boot it belongs to, and on Linux its pid namespace behind a `/`: pids and start times mean nothing in another one. */
  readonly boot: string;
}

/** A command to start inside an environment. */
export interface Command {
  /** Program and arguments; the program is looked up on the environment's PATH. Never a shell string. */
  readonly argv: readonly [string, ...string[]];
  /** Working folder; absent: the caller's. */
  readonly cwd?: string;
  /** Added to the environment's variables; they win. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Where a command's streams go: the caller's own descriptors, nowhere, or into memory. */
export interface ProcessIo {
  readonly stdin: "inherit" | "ignore" | { readonly text: string };
  readonly stdout: "inherit" | "capture" | "ignore";
  readonly stderr: "inherit" | "capture" | "ignore";
  /** Captured streams keep the first and the last half of this many bytes each; 10 MiB when absent. */
  readonly captureLimit?: number;
  /**
   * Called with each line of captured streams as it comes, without the line end; a carriage return ends one too. One of
   * more than 64 KiB comes in pieces.
   */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Stop the command and all its descendants after so many milliseconds. */
  readonly timeoutMs?: number;
}

/** How a command ended. */
export interface ExitResult {
  /** The exit status; 128 + n when signal n ended it, 124 when it was stopped for taking too long. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  /** It was ended because the signal that it was given was aborted, whatever its exit status. */
  readonly aborted: boolean;
  /** Text of captured streams, decoded as UTF-8; empty when not captured. */
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes left out of the middle of captured streams. */
  readonly truncated: { readonly stdout: number; readonly stderr: number };
  readonly durationMs: number;
}

/** A started command: the plain reference that another process can attach to. */
export interface ProcessRef extends ProcessIdentity {
  /** Found in the environment of each of its descendants, as `SKERRY_PROCESS`. */
  readonly cookie: string;
}

/** A running command. */
export interface RunningProcess {
  readonly ref: ProcessRef;
  /** Settles when it has ended and its captured streams are complete. */
  readonly exit: Promise<ExitResult>;
  /** Sends a signal to the command itself. */
  signal(signal: NodeJS.Signals): void;
  /** Stops the command and all its descendants: interrupt, then terminate, then kill, `graceMs` (5,000) apart. */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
}

/** All that is needed to replace this process by the command, or to spawn it by hand. */
export interface ExecPlan {
  /** Absolute path of the program. */
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}
