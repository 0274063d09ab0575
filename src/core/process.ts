import type { Json } from "./json.ts";
import type { Signal } from "./signal.ts";

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
  readonly cwd?: string | undefined;
  /** Added to the environment's variables; they win. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** The plain reference to a started command, by which another process, or another day, finds it again. */
export type ProcessRef = LocalProcessRef | EngineProcessRef;

/** A process of this machine. */
export interface LocalProcessRef extends ProcessIdentity {
  readonly kind: "local";
  /** Found in the environment of each of its descendants, as `SKERRY_PROCESS`. */
  readonly cookie: string;
}

/** A process that only its engine can find. */
export interface EngineProcessRef {
  readonly kind: "engine";
  readonly engine: string;
  /** Opaque to everyone else. */
  readonly ref: Json;
}

/** Where a command's input comes from: the caller's own descriptor, nowhere, or these bytes, taken as it reads them. */
export type Source = "inherit" | "ignore" | AsyncIterable<Uint8Array>;

/**
 * Where the output of a command goes: to the caller's own descriptor, nowhere, or here, in pieces as they come. While a
 * promise that was given back isn't settled, nothing more is read, so that a slow taker slows the command down.
 */
export type Sink = "inherit" | "ignore" | ((bytes: Uint8Array) => void | Promise<void>);

/** Where the streams of a command go. */
export interface Streams {
  readonly stdin: Source;
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/** How a command ended; both are null where nobody could tell. */
export interface Exit {
  readonly code: number | null;
  readonly signal: Signal | null;
}

/** A started command, as its engine gives it. Time-outs, captured output and stopping are written over this, in `processes/`. */
export interface Process {
  readonly ref: ProcessRef;
  /** Settles when it has ended and its output was taken. Rejects with SKE-ENGINE-LOST when its end can't be seen any more. */
  readonly exited: Promise<Exit>;
  /** Sends a signal to the command itself, or to it and all that it started. What has ended already is no error. */
  signal(signal: Signal, whom: "command" | "tree"): Promise<void>;
  /** Whether the command, or anything that it started, still runs. */
  isRunning(): Promise<boolean>;
}

/** What a caller wants of a command: where its streams go, and for how long it may run. */
export interface ProcessIo {
  readonly stdin: Source | { readonly text: string };
  /** `capture`: into the result; `pipe`: to be read from the running command, which waits for its reader. */
  readonly stdout: Sink | "capture" | "pipe";
  readonly stderr: Sink | "capture" | "pipe";
  /** Captured streams keep the first and the last half of this many bytes each; 10 MiB when absent. */
  readonly captureLimit?: number | undefined;
  /**
   * Called with each line of captured streams as it comes, without the line end; a carriage return ends one too. One of
   * more than 64 KiB comes in pieces.
   */
  readonly onLine?: ((line: string, stream: "stdout" | "stderr") => void) | undefined;
  /** Stop the command and all its descendants after so many milliseconds. */
  readonly timeoutMs?: number | undefined;
}

/** How a command ended. */
export interface ExitResult {
  /** The exit status; 128 + n when signal n ended it, 124 when it was stopped for taking too long, -1 where nobody could tell. */
  readonly exitCode: number;
  readonly signal: Signal | null;
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

/** A running command. */
export interface RunningProcess {
  readonly ref: ProcessRef;
  /** Null where it isn't a process of this machine. */
  readonly pid: number | null;
  /** What it prints, for streams that were asked for as `pipe`; ends with it. */
  readonly stdout: ReadableStream<Uint8Array> | null;
  readonly stderr: ReadableStream<Uint8Array> | null;
  /** Settles when it has ended and its captured streams are complete. Rejects with SKE-ENGINE-LOST. */
  readonly exit: Promise<ExitResult>;
  /** Sends a signal to the command itself. */
  signal(signal: Signal): Promise<void>;
  /** Stops the command and all its descendants: interrupt, then terminate, then kill, `graceMs` (5,000) apart. */
  stop(options?: { readonly graceMs?: number | undefined }): Promise<void>;
}

/** All that is needed to replace this process by the command, or to spawn it by hand. */
export interface ExecPlan {
  /** Absolute path of the program. */
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}
