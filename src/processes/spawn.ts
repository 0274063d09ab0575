import { type ChildProcess, spawn } from "node:child_process";
import { Readable } from "node:stream";
import type { ExecPlan, Exit, LocalProcessRef, Process, ProcessRef, Sink, Source, Streams } from "../core/process.ts";
import { asScript, executeError } from "../platform/execute-error.ts";
import { identityOfChild, isAlive } from "../platform/identity.ts";
import { namedDescriptors, stdioFor } from "./descriptors.ts";
import { newCookie, ProcessTree, signalProcess, withCookie } from "./tree.ts";

/** How long pipes may stay open after a program has ended: something that it left running in the background holds them. */
const DRAIN_MS = 1000;
/** How often a process that isn't a child is looked at. */
const POLL_MS = 100;

/**
 * What is different for a tool that Skerry starts for itself: it has a session of its own, without a terminal and out of
 * reach of Ctrl-C, and what the kernel doesn't take for a program isn't one.
 */
interface Tool {
  /** Makes the error where it can't be started. */
  readonly failed: (error: unknown) => Error;
}

/**
 * Starts a command on this machine. It stays in the process group of this process, so that it can read the terminal
 * and Ctrl-C reaches it; with this process's input it gets the descriptors that it is told of. Its output is taken whole
 * unless something in the background keeps it open for a second longer than it.
 * @throws SKE-COMMAND-NOT-FOUND with the exit status in `details.exec`, SKE-IO
 */
export async function spawnProcess(plan: ExecPlan, streams: Streams, tool?: Tool): Promise<Process> {
  const failed = tool?.failed ?? ((error) => executeError(plan.file, plan.cwd, error));
  heedChildren();
  const cookie = newCookie();
  const { stdin, stdout, stderr } = streams;
  const passed = stdin === "inherit" ? namedDescriptors(plan.argv, plan.env) : [];
  const spawnAs = ({ file, argv, cwd, env }: ExecPlan) =>
    spawn(file, argv.slice(1), {
      argv0: argv[0] ?? file,
      cwd,
      env: withCookie(env, cookie),
      detached: tool !== undefined,
      stdio: [modeOf(stdin), modeOf(stdout), modeOf(stderr), ...stdioFor(passed)],
    });
  const launch = (what: ExecPlan): ChildProcess => {
    try {
      return spawnAs(what);
    } catch (error) {
      const script = tool ? undefined : asScript(what, error);
      if (!script) throw failed(error);
      return launch(script);
    }
  };
  const child = launch(plan);
  const outflows = [outflow(child.stdout, stdout), outflow(child.stderr, stderr)].filter((one) => one !== undefined);
  let isStopped = false;
  const ended = endOf(child, outflows, () => isStopped);
  if (child.pid === undefined) throw failed(await ended.catch((error: unknown) => error));
  const fed = typeof stdin === "string" ? undefined : feed(child, stdin);
  const exited = ended.then((exit) => {
    fed?.();
    return exit;
  });
  // Who doesn't wait for it isn't to be ended by its failure.
  exited.catch(() => {});
  const onStop = () => {
    isStopped = true;
  };
  return localProcess({ kind: "local", ...identityOfChild(child.pid), cookie }, () => exited, onStop);
}

/**
 * The kernel itself collects the children of a process that ignores SIGCHLD, as whoever started it may have had it do:
 * nobody would be told how they end. What is started gets the default.
 */
function heedChildren(): void {
  if (process.listenerCount("SIGCHLD") === 0) process.on("SIGCHLD", () => {});
}

/** Takes up a process that another one started; how it ended can't be seen. */
export function attachProcess(ref: ProcessRef): Process | "gone" {
  if (ref.kind !== "local" || !isAlive(ref)) return "gone";
  let exited: Promise<Exit> | undefined;
  const watch = async (): Promise<Exit> => {
    while (isAlive(ref)) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    return { code: null, signal: null };
  };
  return localProcess(ref, () => {
    exited ??= watch();
    return exited;
  });
}

/** @param onStop called before a signal goes to all of it */
function localProcess(ref: LocalProcessRef, exited: () => Promise<Exit>, onStop = () => {}): Process {
  const tree = new ProcessTree(ref);
  return {
    ref,
    get exited() {
      return exited();
    },
    async signal(signal, whom) {
      if (whom === "command") return void signalProcess(ref, signal);
      onStop();
      await tree.signal(signal);
    },
    isRunning: () => tree.isRunning(),
  };
}

function modeOf(stream: Source | Sink): "inherit" | "ignore" | "pipe" {
  return typeof stream === "string" ? stream : "pipe";
}

/** A command that doesn't read all of its input is no fault. @returns throws what kept the source from giving all of it */
function feed(child: ChildProcess, source: AsyncIterable<Uint8Array>): (() => void) | undefined {
  const { stdin } = child;
  if (!stdin) return undefined;
  let failure: { readonly error: unknown } | undefined;
  const from = Readable.from(source, { objectMode: false });
  stdin.on("error", () => from.destroy());
  from.on("error", (error) => {
    failure = { error };
    stdin.destroy();
  });
  child.once("exit", () => from.destroy());
  from.pipe(stdin);
  return () => {
    if (failure) throw failure.error;
  };
}

/** Output on its way to who takes it. */
interface Outflow {
  /** Settles when all of it was taken; rejects when it can't be. */
  readonly done: Promise<void>;
  /** True while who takes it hasn't come to what was read. */
  isBusy(): boolean;
  /** Lets go of what comes from now on. */
  close(): void;
}

function outflow(stream: Readable | null, sink: Sink): Outflow | undefined {
  if (!stream || typeof sink === "string") return undefined;
  let isTaking = false;
  let isClosed = false;
  const pump = async () => {
    try {
      for await (const bytes of stream) {
        isTaking = true;
        await sink(bytes);
        isTaking = false;
      }
    } catch (error) {
      // Whoever waits for the command to end isn't to wait for one that can't print any more.
      stream.destroy();
      if (!isClosed) throw error;
    }
  };
  const closed = Promise.withResolvers<void>();
  const done = Promise.race([pump(), closed.promise]);
  done.catch(() => {});
  return {
    done,
    isBusy: () => isTaking || stream.readableLength > 0,
    close() {
      isClosed = true;
      closed.resolve();
      stream.destroy();
    },
  };
}

/**
 * Settles when a child has ended and its output was taken; rejects when it can't start, or what it printed can't be taken.
 * @param isStopped whether it was told to stop: then nobody waits for who takes its output
 */
async function endOf(child: ChildProcess, outflows: readonly Outflow[], isStopped: () => boolean): Promise<Exit> {
  const exit = await new Promise<Exit>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const watch = setInterval(() => {
    if (!isStopped() && outflows.some((one) => one.isBusy())) return;
    for (const one of outflows) one.close();
  }, DRAIN_MS);
  await Promise.all(outflows.map(({ done }) => done)).finally(() => {
    clearInterval(watch);
    for (const one of outflows) one.close();
  });
  return exit;
}
