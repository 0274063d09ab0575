import { type ChildProcess, spawn } from "node:child_process";
import { RUN_EXIT } from "../core/error-codes.ts";
import { tellListener } from "../core/listener.ts";
import type { Operation } from "../core/operation.ts";
import { throwIfStopped } from "../core/operation.ts";
import type { ExecPlan, ExitResult, ProcessIo, ProcessRef, RunningProcess } from "../core/process.ts";
import { asScript, executeError } from "../platform/execute-error.ts";
import { identityOfChild, isAlive } from "../platform/identity.ts";
import { Captured } from "./captured.ts";
import { childEnd, exitStatus } from "./child.ts";
import { namedDescriptors, stdioFor } from "./descriptors.ts";
import { readLines } from "./lines.ts";
import { newCookie, signalProcess, stopTree, withCookie } from "./process-tree.ts";
import { countStarted } from "./started.ts";

const CAPTURE_LIMIT = 10 << 20;
/** Between interrupt, terminate and kill of a command that ran out of time or whose operation was stopped. */
const GRACE_MS = 2000;
/** How often a process that isn't a child is looked at. */
const POLL_MS = 100;

/** The exit code that is reported for a process which isn't a child of this one: the kernel tells it to its parent only. */
export const UNKNOWN_EXIT = -1;

/**
 * Starts a command on this machine. It stays in the process group of this process, so that it can read the terminal
 * and Ctrl-C reaches it; with this process's input it gets the descriptors that it is told of. When `op` is stopped or `io.timeoutMs` is over, it is ended with all of its descendants.
 * Captured streams are complete unless something in the background keeps them open for a second longer than it.
 * @throws SKE-COMMAND-NOT-FOUND with the exit status in `details.exec`, SKE-IO
 */
export async function startLocal(plan: ExecPlan, io: ProcessIo, op: Operation): Promise<RunningProcess> {
  throwIfStopped(op);
  const cookie = newCookie();
  const began = performance.now();
  const passed = io.stdin === "inherit" ? namedDescriptors(plan.argv, plan.env) : [];
  const pipe = (mode: "inherit" | "capture" | "ignore") => (mode === "capture" ? "pipe" : mode);
  const spawnAs = ({ file, argv, cwd, env }: ExecPlan) =>
    spawn(file, argv.slice(1), {
      argv0: argv[0] ?? file,
      cwd,
      env: withCookie(env, cookie),
      stdio: [typeof io.stdin === "string" ? io.stdin : "pipe", pipe(io.stdout), pipe(io.stderr), ...stdioFor(passed)],
    });
  let child: ChildProcess;
  try {
    child = spawnAs(plan);
  } catch (error) {
    const script = asScript(plan, error);
    if (!script) throw executeError(plan.file, plan.cwd, error);
    child = spawnAs(script);
  }
  const stdout = new Captured(io.captureLimit ?? CAPTURE_LIMIT);
  const stderr = new Captured(io.captureLimit ?? CAPTURE_LIMIT);
  child.stdout?.on("data", (chunk: Buffer) => stdout.add(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.add(chunk));
  const { onLine } = io;
  for (const stream of onLine ? (["stdout", "stderr"] as const) : []) {
    readLines(child[stream], (line) => tellListener(onLine, line, stream));
  }
  const end = childEnd(child);
  if (child.pid === undefined) throw executeError(plan.file, plan.cwd, await end.catch((error: unknown) => error));
  // A command that doesn't read all of its input is no fault.
  child.stdin?.on("error", () => {});
  if (typeof io.stdin !== "string") child.stdin?.end(io.stdin.text);

  const ref: ProcessRef = { ...identityOfChild(child.pid), cookie };
  const uncount = countStarted(ref);
  let timedOut = false;
  let aborted = false;
  let ending: Promise<unknown> | undefined;
  const stop = (graceMs: number) => {
    const stopping = stopTree(ref, { graceMs });
    // A later, less patient call goes on beside an earlier one.
    ending = Promise.all([ending, stopping]);
    return stopping;
  };
  const onAbort = () => {
    aborted = true;
    void stop(GRACE_MS);
  };
  op.signal.addEventListener("abort", onAbort, { once: true });
  const timer =
    io.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          void stop(GRACE_MS);
        }, io.timeoutMs);

  const exit = end.then(async (ended): Promise<ExitResult> => {
    clearTimeout(timer);
    op.signal.removeEventListener("abort", onAbort);
    await ending;
    uncount();
    return {
      exitCode: timedOut ? RUN_EXIT.timedOut : exitStatus(ended),
      signal: ended.signal,
      timedOut,
      aborted,
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated: { stdout: stdout.dropped, stderr: stderr.dropped },
      durationMs: performance.now() - began,
    };
  });
  return {
    ref,
    exit,
    signal: (signal) => void signalProcess(ref, signal),
    async stop({ graceMs = 5000 } = {}) {
      await stop(graceMs);
    },
  };
}

/**
 * Takes up a command that another process started; undefined when it has ended. Its end is seen by looking from time
 * to time once `exit` is asked for; its exit code is {@link UNKNOWN_EXIT} and nothing is captured.
 */
export function attachLocal(ref: ProcessRef): RunningProcess | undefined {
  if (!isAlive(ref)) return undefined;
  const began = performance.now();
  let exit: Promise<ExitResult> | undefined;
  const watch = async (): Promise<ExitResult> => {
    while (isAlive(ref)) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    return {
      exitCode: UNKNOWN_EXIT,
      signal: null,
      timedOut: false,
      aborted: false,
      stdout: "",
      stderr: "",
      truncated: { stdout: 0, stderr: 0 },
      durationMs: performance.now() - began,
    };
  };
  return {
    ref,
    get exit() {
      exit ??= watch();
      return exit;
    },
    signal: (signal) => void signalProcess(ref, signal),
    async stop(options = {}) {
      await stopTree(ref, options);
    },
  };
}
