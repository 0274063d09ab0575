import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { ioError } from "../platform/files.ts";
import { Linker, type LinkItem, type LinkOptions, type LinkOutcome } from "./link-files.ts";

/** What a worker is given. */
export interface WorkerInput {
  readonly options: LinkOptions;
  readonly items: readonly LinkItem[];
  /** Two 32-bit integers: items taken, and 1 once the worker takes part. */
  readonly counters: SharedArrayBuffer;
}

/** What a worker answers, once. */
export type WorkerReply =
  | { readonly outcome: LinkOutcome }
  | { readonly error: { readonly message: string; readonly code?: string; readonly path?: string } };

/** From this many files on, a second thread is worth the time that it takes to start. */
const WORKER_FROM = 3000;

/** Numbers of items that nobody took yet, each given to one thread only. */
export function* takeItems(counters: Int32Array, total: number, isWorker: boolean): Generator<number> {
  if (isWorker) Atomics.store(counters, 1, 1);
  let index = Atomics.add(counters, 0, 1);
  while (index < total) {
    yield index;
    index = Atomics.add(counters, 0, 1);
  }
}

/**
 * Links the files of many trees. Beside this thread, which begins at once, a second one takes its share where there are
 * enough files and processors; should it not start, this one does everything.
 * @param files how many files the items have, roughly
 * @throws SKE-IO
 */
export async function linkTrees(
  options: LinkOptions,
  items: readonly LinkItem[],
  files: number,
  threads = availableParallelism() > 1 && files >= WORKER_FROM ? 2 : 1,
): Promise<LinkOutcome> {
  const input: WorkerInput = { options, items, counters: new SharedArrayBuffer(8) };
  const counters = new Int32Array(input.counters);
  const helper = threads > 1 ? startWorker(input) : undefined;
  const linker = new Linker(options, 0);
  try {
    for (const index of takeItems(counters, items.length, false)) {
      linker.linkItem(items[index]!, index);
      // So that the event loop isn't held up for the whole time.
      if (index % 8 === 7) await new Promise((resolve) => setImmediate(resolve));
    }
    // Nothing is left to take: a worker that doesn't take part by now never will.
    const reply = helper && Atomics.load(counters, 1) > 0 ? await helper.answer() : undefined;
    if (reply && "error" in reply) throw Object.assign(new Error(reply.error.message), reply.error);
    return reply ? add(linker.outcome, reply.outcome) : linker.outcome;
  } catch (error) {
    Atomics.store(counters, 0, items.length);
    if (helper && Atomics.load(counters, 1) > 0) await helper.answer().catch(() => undefined);
    throw ioError("link files into", options.prefix, error);
  } finally {
    void helper?.worker.terminate();
  }
}

/**
 * Where link-worker is, seen from this module: beside it as TypeScript or, in the packed library, JavaScript. In the
 * compiled executable modules lie in chunks at the root of a file system of its own, and entry points below it as in src/.
 */
export function workerUrl(self: string): URL {
  const compiled = /^file:\/\/\/\$bunfs\/root\//.exec(self)?.[0];
  if (compiled) return new URL("store/link-worker.js", compiled);
  return new URL(self.endsWith(".ts") ? "./link-worker.ts" : "./link-worker.js", self);
}

function startWorker(input: WorkerInput): { worker: Worker; answer(): Promise<WorkerReply> } | undefined {
  try {
    // Loaded here: it would be a tenth of the time of commands that link nothing.
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const worker = new Worker(workerUrl(import.meta.url), { workerData: input });
    const reply = new Promise<WorkerReply>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the linking thread ended without an answer")));
    });
    reply.catch(() => undefined);
    worker.unref();
    const answer = () => {
      worker.ref();
      return reply;
    };
    return { worker, answer };
  } catch {
    return undefined;
  }
}

function add(a: LinkOutcome, b: LinkOutcome): LinkOutcome {
  return {
    reflink: a.reflink + b.reflink,
    hardlink: a.hardlink + b.hardlink,
    copy: a.copy + b.copy,
    damaged: [...a.damaged, ...b.damaged],
    occupied: [...a.occupied, ...b.occupied],
  };
}
