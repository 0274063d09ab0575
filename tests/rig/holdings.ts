import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { processesOf } from "./leaks.ts";

/** The ledger keeps 20,000 events and looks at every 500th whether there are more: so far they may grow. */
const EVENTS = 20_500;

/** What a state folder and this process hold: what must be the same after environments came and went. */
export interface Holdings {
  /** Paths below the state folder. */
  readonly files: readonly string[];
  /** How many rows each table has, by `database table`. */
  readonly rows: Readonly<Record<string, number>>;
  /** What this process has open. Linux only; elsewhere nothing is found. */
  readonly descriptors: readonly string[];
  /** Command lines of processes, other than this one, that name the state folder in their variables. Linux only. */
  readonly processes: readonly string[];
}

/** Looks at what is held now. */
export function holdingsOf(home: string): Holdings {
  return {
    files: readdirSync(home, { recursive: true, encoding: "utf8" }),
    rows: { ...rowsIn(home, "state.db"), ...rowsIn(home, "locks/queue.db") },
    descriptors: descriptors(),
    processes: processesOf(home).map((one) => one.command),
  };
}

/** What is held beyond what was before, one line each. What is just being closed gets a second. */
export async function leaksSince(before: Holdings, home: string): Promise<string[]> {
  let found = growth(before, holdingsOf(home));
  for (let tries = 0; found.length > 0 && tries < 20; tries++) {
    await sleep(50);
    found = growth(before, holdingsOf(home));
  }
  return found;
}

function growth(before: Holdings, now: Holdings): string[] {
  const rows = Object.entries(now.rows).flatMap(([table, count]) => {
    const allowed = table === "state.db events" ? EVENTS : (before.rows[table] ?? 0);
    return count > allowed ? [`${count - allowed} more rows in ${table}`] : [];
  });
  return [
    ...more("files", before.files, now.files),
    ...rows,
    ...more("open descriptors", before.descriptors, now.descriptors),
    ...more("processes", before.processes, now.processes),
  ];
}

function more(what: string, before: readonly string[], now: readonly string[]): string[] {
  const left = Map.groupBy(before, (one) => one);
  const added = now.filter((one) => left.get(one)?.pop() === undefined);
  const net = now.length - before.length;
  return net > 0 ? [`${net} more ${what}, such as ${added.slice(0, 3).join(", ")}`] : [];
}

function rowsIn(home: string, file: string): Record<string, number> {
  if (!existsSync(join(home, file))) return {};
  using db = new DatabaseSync(join(home, file), { readOnly: true, timeout: 10_000 });
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  return Object.fromEntries(
    tables.map(({ name }) => [`${file} ${name}`, Number(db.prepare(`SELECT count(*) AS n FROM "${name}"`).get()!.n)]),
  );
}

function descriptors(): string[] {
  if (!existsSync("/proc/self/fd")) return [];
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      // The one that reads the folder.
      return [];
    }
  });
}
