import { constants } from "node:os";
import { RUN_EXIT } from "../core/error-codes.ts";
import { tellListener } from "../core/listener.ts";
import type { Operation } from "../core/operation.ts";
import type { Exit, Process, ProcessIo, RunningProcess, Sink, Source, Streams } from "../core/process.ts";
import { Captured } from "./capture.ts";
import { supervise } from "./supervise.ts";

const CAPTURE_LIMIT = 10 << 20;
/** Between interrupt, terminate and kill of a command that ran out of time or whose operation was stopped. */
const GRACE_MS = 2000;

/** The exit code that is reported where nobody could tell how a command ended. */
export const UNKNOWN_EXIT = -1;

/**
 * Starts a command by the primitive of an engine, and adds what every command has: captured output and its lines, a
 * time-out, stopping. When `op` is stopped or `io.timeoutMs` is over, it is ended with all of its descendants.
 * @throws what `launch` does
 */
export async function startCommand(
  launch: (streams: Streams) => Promise<Process>,
  io: ProcessIo,
  op: Operation,
): Promise<RunningProcess> {
  const stdout = outlet(io, "stdout");
  const stderr = outlet(io, "stderr");
  const streams = { stdin: sourceOf(io.stdin), stdout: stdout.sink, stderr: stderr.sink };
  const { timeoutMs } = io;
  const { process, ended, stop } = await supervise(() => launch(streams), { timeoutMs, graceMs: GRACE_MS }, op);
  const finish = async () => {
    const { because, durationMs, ...exit } = await ended.finally(() => Promise.all([stdout.end(), stderr.end()]));
    return {
      exitCode: because === "timeout" ? RUN_EXIT.timedOut : exitStatus(exit),
      signal: exit.signal,
      timedOut: because === "timeout",
      aborted: because === "stop",
      stdout: stdout.captured.text(),
      stderr: stderr.captured.text(),
      truncated: { stdout: stdout.captured.dropped, stderr: stderr.captured.dropped },
      durationMs,
    };
  };
  const exit = finish();
  // Who doesn't wait for it isn't to be ended by its loss.
  exit.catch(() => {});
  return {
    ref: process.ref,
    pid: process.ref.kind === "local" ? process.ref.pid : null,
    stdout: stdout.stream,
    stderr: stderr.stream,
    exit,
    signal: (signal) => process.signal(signal, "command"),
    stop: ({ graceMs } = {}) => stop(graceMs),
  };
}

/** The exit status as a shell has it: 128 + n when signal n ended the program. */
function exitStatus({ code, signal }: Exit): number {
  return signal === null ? (code ?? UNKNOWN_EXIT) : 128 + constants.signals[signal];
}

function sourceOf(stdin: ProcessIo["stdin"]): Source {
  return typeof stdin === "object" && "text" in stdin ? bytesOf(stdin.text) : stdin;
}

/** A text as the input of a command. */
export async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Where one of the two outputs goes, and what is kept of it. */
interface Outlet {
  readonly sink: Sink;
  readonly captured: Captured;
  readonly stream: ReadableStream<Uint8Array> | null;
  end(): Promise<void>;
}

function outlet({ captureLimit = CAPTURE_LIMIT, onLine, ...io }: ProcessIo, name: "stdout" | "stderr"): Outlet {
  const asked = io[name];
  const tell = onLine && ((line: string) => tellListener(onLine, line, name));
  const captured = new Captured(captureLimit, tell);
  if (asked === "capture")
    return { sink: (bytes) => captured.add(bytes), captured, stream: null, end: async () => captured.end() };
  if (asked !== "pipe") return { sink: asked, captured, stream: null, end: async () => {} };
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  // Who cancels reads no more of it, and the command goes on.
  const ignore = () => {};
  return {
    sink: (bytes) => writer.write(bytes).catch(ignore),
    captured,
    stream: readable,
    end: async () => void writer.close().catch(ignore),
  };
}
