import { isErrno, SkerryError } from "../core/error.ts";
import { stopped } from "../core/operation.ts";
import type { Streams } from "../core/process.ts";
import { hideSecrets } from "../core/secrets.ts";
import type { ToolRequest, ToolResult } from "../core/target.ts";
import { formatDuration } from "../core/units.ts";
import { exists, ioError } from "../platform/files.ts";
import { selfIdentity } from "../platform/identity.ts";
import { absoluteFolders, USUAL_PATH } from "../platform/which.ts";
import { Captured } from "./capture.ts";
import { bytesOf } from "./start.ts";
import { supervise } from "./supervise.ts";
import { toolCookie, withCookie } from "./tree.ts";

/** Between interrupt, terminate and kill of a tool that has to stop. */
const GRACE_MS = 1500;

/**
 * Runs an external tool to its end, whatever its exit status, in a session of its own: it has no terminal and Ctrl-C
 * doesn't reach it but through `op.signal`. On a time-out or stop its whole tree is ended before this throws.
 * @throws SKE-TIMEOUT with its last lines, SKE-TOOL when it can't be started, SKE-INTERRUPTED, SKE-IO
 */
export async function runTool(argv: readonly [string, ...string[]], request: ToolRequest): Promise<ToolResult> {
  const { op, timeoutMs, input, cwd, redact = hideSecrets, outputLimit = 8 << 20 } = request;
  const lines = (stream: "stdout" | "stderr") =>
    request.onLine && ((line: string) => request.onLine?.(redact(line), stream));
  const [out, err] = [new Captured(outputLimit, lines("stdout")), new Captured(outputLimit, lines("stderr"))];
  const streams: Streams = {
    stdin: input === undefined ? "ignore" : bytesOf(input),
    stdout: (bytes) => out.add(bytes),
    stderr: (bytes) => err.add(bytes),
  };
  const env = withCookie(
    withPlainPath(request.env ?? (process.env as Record<string, string>)),
    toolCookie(selfIdentity()),
  );
  const failed = (error: unknown) => startError(argv[0], cwd, error);
  const { spawnProcess } = await import("./spawn.ts");
  const launch = () => spawnProcess({ file: argv[0], argv, env, cwd: cwd ?? "." }, streams, { failed });
  const { ended } = await supervise(launch, { timeoutMs, graceMs: GRACE_MS }, op);
  const { because, code: exitCode, signal, durationMs } = await ended;
  out.end();
  err.end();
  if (because === "stop") throw stopped(op.signal);
  if (because === "timeout") throw tooLong(argv.map(redact), timeoutMs, redact(`${out.text(true)}\n${err.text(true)}`));
  return { exitCode, signal, stdout: out.text(true), stderr: err.text(true), durationMs };
}

function tooLong(argv: readonly string[], timeoutMs: number, output: string): SkerryError {
  const last = lastLines(output);
  const shown = last === "" ? "it printed nothing" : `its last lines:\n${last}`;
  return new SkerryError("SKE-TIMEOUT", `${argv.join(" ")} took longer than ${formatDuration(timeoutMs)}; ${shown}`, {
    hint: "try again, or give it more time",
    details: { argv, timeoutMs },
  });
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
