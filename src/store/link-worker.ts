import { parentPort, workerData } from "node:worker_threads";
import { Linker } from "./link-files.ts";
import { takeItems, type WorkerInput, type WorkerReply } from "./link-pool.ts";

// A second thread of linkTrees(): takes items from the shared counter until none is left, then tells what it did.
const { options, items, counters } = workerData as WorkerInput;
const linker = new Linker(options, 1);
const claims = new Int32Array(counters);
let reply: WorkerReply;
try {
  for (const index of takeItems(claims, items.length, true)) linker.linkItem(items[index]!, index);
  reply = { outcome: linker.outcome };
} catch (error) {
  const { message, code, path } = error as NodeJS.ErrnoException;
  reply = { error: { message, ...(code === undefined ? {} : { code }), ...(path === undefined ? {} : { path }) } };
}
parentPort?.postMessage(reply);
