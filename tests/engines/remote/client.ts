import { connect, type Socket } from "node:net";
import { SkerryError } from "../../../src/core/error.ts";
import type { ErrorCode } from "../../../src/core/error-codes.ts";
import type { Exit, Process, ProcessRef, Sink, Streams } from "../../../src/core/process.ts";
import { CHANNEL, type Frame, framesOf, send, tell } from "./frames.ts";
import type { Request, Started } from "./protocol.ts";

/** How long the daemon may take to answer, in milliseconds. */
const ANSWER_MS = Number(process.env.DAEMON_ANSWER_MS ?? 10_000);

/** A connection to the daemon, on which one thing is asked. */
class Call {
  readonly socket: Socket;
  readonly #frames: AsyncIterator<Frame>;
  readonly #path: string;

  constructor(path: string, request: Request) {
    this.#path = path;
    this.socket = connect(path);
    this.socket.on("error", () => {});
    this.#frames = framesOf(this.socket);
    tell(this.socket, request).catch(() => {});
  }

  /** The next frame. @throws SKE-ENGINE-LOST */
  async next(): Promise<Frame> {
    const next = await this.#frames.next().catch(() => undefined);
    if (next && !next.done) return next.value;
    throw this.lost("it closed the connection");
  }

  /** The next message, within the time that the daemon has. @throws SKE-ENGINE-LOST and what it answers */
  async answer<T>(): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(this.lost(`it doesn't answer within ${ANSWER_MS} ms`)), ANSWER_MS);
    try {
      const { bytes } = await Promise.race([this.next(), late.promise]);
      return read<T>(bytes);
    } catch (error) {
      this.socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  lost(why: string): SkerryError {
    return new SkerryError("SKE-ENGINE-LOST", `The daemon at ${this.#path} can't be reached: ${why}`, {
      hint: "start the daemon, then try again",
    });
  }
}

function read<T>(bytes: Uint8Array): T {
  const said = JSON.parse(Buffer.from(bytes).toString()) as T & {
    error?: { code: ErrorCode; message: string; details: Record<string, never> };
  };
  if (said.error) throw new SkerryError(said.error.code, said.error.message, { details: said.error.details });
  return said;
}

/** Asks the daemon for something, and gives its answer. @throws SKE-ENGINE-LOST and what it answers */
export async function ask<T>(path: string, request: Request): Promise<T> {
  const call = new Call(path, request);
  try {
    return await call.answer<T>();
  } finally {
    call.socket.destroy();
  }
}

/** Starts a command by the daemon. @throws SKE-ENGINE-LOST, SKE-COMMAND-NOT-FOUND, SKE-IO */
export async function startRemote(
  path: string,
  request: Extract<Request, { do: "start" }>,
  streams: Streams,
): Promise<Process> {
  const call = new Call(path, request);
  const { ref } = await call.answer<Started>();
  if (request.input) void feed(call.socket, streams.stdin);
  return handle(path, request.id, ref, () => outcome(call, streams));
}

/** Finds a command of the daemon again. @throws SKE-ENGINE-LOST */
export async function attachRemote(path: string, id: string, ref: string): Promise<Process | "gone"> {
  const call = new Call(path, { do: "wait", id, ref });
  const { found } = await call.answer<{ readonly found: boolean }>();
  if (!found) return "gone";
  return handle(path, id, ref, async () => read<Exit>((await call.next()).bytes));
}

function handle(path: string, id: string, ref: string, end: () => Promise<Exit>): Process {
  const exited = end();
  exited.catch(() => {});
  return {
    ref: { kind: "engine", engine: "remote", ref } satisfies ProcessRef,
    exited,
    signal: async (signal, whom) => void (await ask(path, { do: "signal", id, ref, signal, whom })),
    isRunning: async () => (await ask<{ readonly running: boolean }>(path, { do: "running", id, ref })).running,
  };
}

async function feed(socket: Socket, source: Streams["stdin"]): Promise<void> {
  const bytes = source === "inherit" ? process.stdin : source;
  try {
    for await (const chunk of bytes as AsyncIterable<Uint8Array>) await send(socket, CHANNEL.stdin, chunk);
    await send(socket, CHANNEL.stdin, new Uint8Array());
  } catch {
    // The command ended without reading it all.
  }
}

async function outcome(call: Call, { stdout, stderr }: Streams): Promise<Exit> {
  const sinks = { [CHANNEL.stdout]: taker(stdout, 1), [CHANNEL.stderr]: taker(stderr, 2) };
  for (;;) {
    const { channel, bytes } = await call.next();
    if (channel === CHANNEL.message) return read<Exit>(bytes);
    await sinks[channel as 1 | 2](bytes);
  }
}

function taker(sink: Sink, fd: 1 | 2): (bytes: Uint8Array) => void | Promise<void> {
  if (sink === "ignore") return () => {};
  if (sink !== "inherit") return sink;
  const stream = fd === 1 ? process.stdout : process.stderr;
  return (bytes) => new Promise((resolve) => stream.write(bytes, () => resolve()));
}
