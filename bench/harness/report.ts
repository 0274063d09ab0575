import { cpus, platform, release, totalmem } from "node:os";
import { passes, type Row, ratioOf } from "./benchmark.ts";
import type { Ground } from "./ground.ts";
import { command, timed } from "./measure.ts";

/** What the figures depend on. */
export interface Conditions {
  readonly date: string;
  readonly system: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly python: string;
  readonly uv: string;
  readonly bun: string;
  readonly rounds: number;
  /** What starting and awaiting any program costs here: in every figure of a whole command, on both sides. */
  readonly emptyCommandMs: number;
}

/** The conditions of this run. */
export async function conditionsOf(ground: Ground): Promise<Conditions> {
  const surroundings = ground.surroundings();
  const empty: number[] = [];
  for (let i = 0; i < 50; i++) empty.push(await timed(() => command(["true"], surroundings)));
  return {
    date: new Date().toISOString().slice(0, 10),
    system: `${platform()} ${release().split("-")[0]}`,
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    python: `${ground.python.implementation} ${ground.python.version}`,
    uv: ground.uv.version,
    bun: process.versions.bun ?? "",
    rounds: ground.rounds,
    emptyCommandMs: round(empty.sort((a, b) => a - b)[25]!),
  };
}

/** The results as data: the same as the table says. */
export function asJson(conditions: Conditions, rows: readonly Row[]): string {
  const results = rows.map((row) => ({ ...row, ratio: ratioOf(row) ?? null, pass: passes(row) }));
  return JSON.stringify({ schema: 1, conditions, results }, null, 2);
}

/** The results as a table for people. */
export function asTable(conditions: Conditions, rows: readonly Row[]): string {
  const { date, system, cores, memoryGB, python, uv, bun, rounds, emptyCommandMs } = conditions;
  const head = ["", "work", "ours", "peer", "ratio", "target", ""];
  const lines = [head, ...rows.map(cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const shown = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  return [
    `${date}, ${system}, ${cores} cores, ${memoryGB} GB; ${python}, uv ${uv}, library on Bun ${bun}`,
    `medians of ${rounds} rounds, alternating; starting any program costs ${emptyCommandMs} ms, in both columns`,
    "",
    ...shown,
  ].join("\n");
}

function cells(row: Row): string[] {
  const ratio = ratioOf(row);
  const peer = row.peer ? `${figure(row.peer.figure, row.unit)} (${row.peer.name})` : "–";
  const target = "ratio" in row.target ? `≤ ${row.target.ratio}` : `≤ ${figure(row.target.atMost, row.unit)}`;
  const shown = ratio === undefined ? "–" : String(Number(ratio.toPrecision(2)));
  return [row.id, row.work, figure(row.ours, row.unit), peer, shown, target, passes(row) ? "pass" : "FAIL"];
}

function figure(value: number, unit: Row["unit"]): string {
  return unit === "ms" || unit === "MB" ? `${round(value)} ${unit}` : String(value);
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
