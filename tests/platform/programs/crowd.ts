// crowd.ts home ms take|sweep: takes leases in turn, each with a witness that it is alone, or removes lock files, for so long.
import { closeSync, openSync, unlinkSync } from "node:fs";
import { operation } from "../../../src/core/operation.ts";
import { acquireLease, sweepLeases } from "../../../src/platform/lease.ts";
import { statePaths } from "../../../src/platform/paths.ts";

const [home = "", ms = "", what = ""] = process.argv.slice(2);
const paths = statePaths(home);
let turns = 0;
for (const end = Date.now() + Number(ms); Date.now() < end; ) {
  if (what === "sweep") {
    turns += await sweepLeases(paths);
    continue;
  }
  const name = `thing-${Math.floor(Math.random() * 3)}`;
  using _lease = await acquireLease(paths, name, { mode: "exclusive", timeoutMs: 60_000, op: operation() });
  const witness = `${paths.home}/${name}`;
  closeSync(openSync(witness, "wx"));
  if (Math.random() < 0.2) await new Promise((resolve) => setTimeout(resolve, 1));
  unlinkSync(witness);
  turns++;
}
console.log(turns);
process.exit(0);
