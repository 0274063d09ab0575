// `npm run bench -- [--only P1,P3] [--runs N] [--json]`: compares Skerry with its peers. See docs/benchmarks.md.
import { parseArgs } from "node:util";
import { day } from "./day.ts";
import type { Benchmark, Row } from "./harness/benchmark.ts";
import { Ground } from "./harness/ground.ts";
import { asJson, asTable, conditionsOf } from "./harness/report.ts";
import { run } from "./p01-run.ts";
import { thin } from "./p02-thin.ts";
import { full } from "./p03-full.ts";
import { firstImport } from "./p04-import.ts";
import { change } from "./p05-change.ts";
import { cold } from "./p06-cold.ts";
import { start } from "./p07-start.ts";
import { exec } from "./p09-exec.ts";
import { clone } from "./p11-clone.ts";
import { switching } from "./p13-switch.ts";
import { memory } from "./p14-memory.ts";
import { many } from "./p15-many.ts";
import { crowd } from "./p16-crowd.ts";

const BENCHMARKS: readonly Benchmark[] = [
  run,
  thin,
  full,
  firstImport,
  change,
  cold,
  start,
  exec,
  clone,
  switching,
  memory,
  many,
  crowd,
  day,
];

/** Fewer make a median that says little. */
const LEAST_ROUNDS = 7;

const { values } = parseArgs({
  options: { only: { type: "string" }, runs: { type: "string" }, json: { type: "boolean" } },
});
const rounds = Number(values.runs ?? LEAST_ROUNDS);
const always = BENCHMARKS.filter(({ onlyWhenNamed }) => onlyWhenNamed === undefined).map(({ id }) => id);
const wanted = values.only?.toUpperCase().split(",") ?? always;
const unknown = wanted.filter((id) => BENCHMARKS.every((one) => one.id !== id));
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  const ids = BENCHMARKS.map(({ id }) => id).join(",");
  console.error(`usage: npm run bench -- [--only ${ids}] [--runs NUMBER] [--json]`);
  process.exit(2);
}
if (rounds < LEAST_ROUNDS) console.error(`fewer than ${LEAST_ROUNDS} rounds: these figures are for a quick look only`);
if (values.only === undefined) {
  for (const { id, onlyWhenNamed } of BENCHMARKS)
    if (onlyWhenNamed !== undefined) console.error(`${id} is left out, for ${onlyWhenNamed}: --only ${id}`);
}

using ground = new Ground(rounds);
const conditions = await conditionsOf(ground);
const rows: Row[] = [];
for (const benchmark of BENCHMARKS.filter(({ id }) => wanted.includes(id))) {
  console.error(`${benchmark.id} …`);
  rows.push(...(await benchmark.run(ground)));
}
console.log((values.json ? asJson : asTable)(conditions, rows));
