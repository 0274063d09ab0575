import type { ChildProcess } from "node:child_process";
import { isErrno, SkerryError } from "../core/error.ts";
import { type Operation, stopped, throwIfStopped } from "../core/operation.ts";
import type { ProcessIdentity } from "../core/process.ts";
import { hideSecrets } from "../core/secrets.ts";
import { formatDuration } from "../core/units.ts";
import { exists, ioError } from "../platform/files.ts";
import { identityOfChild, selfIdentity } from "../platform/identity.ts";
import { absoluteFolders, USUAL_PATH } from "../platform/which.ts";
import { Captured } from "./captured.ts";
import { childEnd } from "./child.ts";
import { readLines } from "./lines.ts";
import { newCookie, stopTree, toolCookie, withCookie } from "./process-tree.ts";
import { countStarted } from "./started.ts";

/** How to run an external tool. */
export interface ToolRequest {
  readonly op: Operation;
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** All of its variables; absent: those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Given to it on standard input, which is empty otherwise. */
  readonly input?: string;
  /** Takes passwords out of whatever is told of its run: lines and time-outs. Absent: out of addresses alone. */
  readonly redact?: (text: string) => string;
  /** Called with each line of its output as it comes, without the line end; a carriage return ends one too. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Bytes kept of each stream, the first and the last half; 8 MiB when absent. */
  readonly outputLimit?: number;
}

/** How a tool ended. */
export interface ToolResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** UTF-8; where the middle was left out, a line says so. */
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** Between interrupt, terminate and kill of a tool that has to stop. */
const GRACE_MS = 1500;

/**
 * Runs an external tool to its end, whatever its exit status, in a session of its own: it has no terminal and Ctrl-C
 * doesn't reach it but through `op.signal`. On a time-out or stop its whole tree is ended before this throws.
 * @throws SKE-TIMEOUT with its last lines, SKE-TOOL when it can't be started, SKE-INTERRUPTED, SKE-IO
 */
export async function runTool(argv: readonly [string, ...string[]], request: ToolRequest): Promise<ToolResult> {
  const { op, timeoutMs, input, redact = hideSecrets } = request;
  const onLine: ToolRequest["onLine"] = request.onLine && ((line, stream) => request.onLine?.(redact(line), stream));
  throwIfStopped(op);
  const [program, ...args] = argv;
  const cookie = newCookie();
  const given = withPlainPath(request.env ?? (process.env as Record<string, string>));
  const env = withCookie(given, toolCookie(selfIdentity()));
  const began = performance.now();
  const { spawn } = process.getBuiltinModule("node:child_process");
  let child: ChildProcess;
  try {
    child = spawn(program, args, {
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      detached: true,
      env: withCookie(env, cookie),
      ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
    });
  } catch (error) {
    throw startError(program, request.cwd, error);
  }
  const out = collect(child, "stdout", request.outputLimit, onLine);
  const err = collect(child, "stderr", request.outputLimit, onLine);
  const identity = child.pid === undefined ? undefined : identityOfChild(child.pid);
  const uncount = identity && countStarted({ ...identity, cookie });
  // A tool that doesn't read all of its input is no fault.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);

  let ending: Promise<unknown> | undefined;
  let why: "timeout" | "stop" | undefined;
  const end = (reason: "timeout" | "stop") => {
    why ??= reason;
    ending ??= stopChild(child, identity, cookie);
  };
  const timer = setTimeout(end, timeoutMs, "timeout");
  const stop = () => end("stop");
  op.signal.addEventListener("abort", stop, { once: true });
  try {
    const { code: exitCode, signal } = await childEnd(child);
    await ending;
    const durationMs = performance.now() - began;
    if (why === "stop") throw stopped(op.signal);
    if (why === "timeout") {
      const last = redact(lastLines(`${out.text(true)}\n${err.text(true)}`));
      const shownArgv = argv.map(redact);
      const shown = last === "" ? "it printed nothing" : `its last lines:\n${last}`;
      throw new SkerryError(
        "SKE-TIMEOUT",
        `${shownArgv.join(" ")} took longer than ${formatDuration(timeoutMs)}; ${shown}`,
        {
          hint: "try again, or give it more time",
          details: { argv: shownArgv, timeoutMs },
        },
      );
    }
    return { exitCode, signal, stdout: out.text(true), stderr: err.text(true), durationMs };
  } catch (error) {
    throw error instanceof SkerryError ? error : startError(program, request.cwd, error);
  } finally {
    uncount?.();
    clearTimeout(timer);
    op.signal.removeEventListener("abort", stop);
  }
}

/** The last `n` lines of a tool's output that aren't blank, for messages. */
export function lastLines(text: string, n = 20): string {
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== "");
  return lines.slice(-n).join("\n");
}

/** Variables with nothing but absolute folders in PATH: what a tool starts in turn is no program of a folder that it is in. */
function withPlainPath(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (env.PATH === undefined) return env;
  return { ...env, PATH: absoluteFolders(env.PATH).join(":") || USUAL_PATH };
}

function collect(
  child: ChildProcess,
  stream: "stdout" | "stderr",
  limit = 8 << 20,
  onLine: ToolRequest["onLine"] = undefined,
): Captured {
  const kept = new Captured(limit);
  child[stream]?.on("data", (chunk: Buffer) => kept.add(chunk));
  if (onLine) readLines(child[stream], (line) => onLine(line, stream));
  return kept;
}

async function stopChild(child: ChildProcess, identity: ProcessIdentity | undefined, cookie: string): Promise<void> {
  if (identity) await stopTree({ ...identity, cookie }, { graceMs: GRACE_MS });
  else child.kill("SIGKILL");
}

function startError(program: string, cwd: string | undefined, error: unknown): SkerryError {
  if (cwd !== undefined && !exists(cwd)) return ioError(`start ${program} in`, cwd, error);
  if (!isErrno(error, "ENOENT", "EACCES", "EPERM", "ENOEXEC")) return ioError("start", program, error);
  const missing = error.code === "ENOENT";
  return new SkerryError(
    "SKE-TOOL",
    `Could not start ${program}: ${missing ? "there is no such program" : error.message}`,
    {
      hint: missing
        ? `install ${program} or put it on PATH`
        : `check that ${program} is an executable file of this platform`,
      details: { program, errno: error.code },
      cause: error,
    },
  );
}
