// Takes a lease: lease.ts home name mode [log] holds it until killed, or with a log notes when it came and went.
import { appendFileSync } from "node:fs";
import { operation } from "../../../src/core/operation.ts";
import { acquireLease, type LeaseMode } from "../../../src/platform/lease.ts";
import { statePaths } from "../../../src/platform/paths.ts";
import { writeOut } from "../../../src/platform/stdio.ts";

const [home = "", name = "", mode = "", log, holdMs = "3"] = process.argv.slice(2);
const lease = await acquireLease(statePaths(home), name, {
  mode: mode as LeaseMode,
  timeoutMs: 60_000,
  op: operation(),
});
if (log === undefined) {
  writeOut("held\n");
  // A lease without a reference in the program must outlive garbage collection.
  setInterval(() => (globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc(true), 20);
} else {
  appendFileSync(log, `+${process.pid}\n`);
  await new Promise((resolve) => setTimeout(resolve, Number(holdMs)));
  appendFileSync(log, `-${process.pid}\n`);
  lease.release();
  process.exit(0);
}
