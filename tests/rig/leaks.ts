import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that outlived the test that started it. */
export interface Leftover {
  readonly pid: number;
  readonly command: string;
}

/** Running processes, other than this one, that name `folder` in their variables. Linux only; elsewhere none is found. */
export function processesOf(folder: string): Leftover[] {
  return pids().flatMap((pid) => {
    const variables = readOrEmpty(`/proc/${pid}/environ`);
    const isZombie = / Z /.test(readOrEmpty(`/proc/${pid}/stat`).replace(/\(.*\)/, ""));
    if (pid === process.pid || isZombie || !variables.includes(folder)) return [];
    return [{ pid, command: readOrEmpty(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim().slice(0, 200) }];
  });
}

/** Gives processes that are just ending a second; those that remain. */
export async function processesLeft(folder: string): Promise<Leftover[]> {
  let left = processesOf(folder);
  for (let tries = 0; left.length > 0 && tries < 20; tries++) {
    await sleep(50);
    left = processesOf(folder);
  }
  return left;
}

/** Files below `folder` that this process holds open. Linux only; elsewhere none is found. */
export function filesOpenIn(folder: string): string[] {
  return list("/proc/self/fd").flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(`${folder}/`) ? [target] : [];
    } catch {
      return [];
    }
  });
}

function pids(): number[] {
  return list("/proc").map(Number).filter(Number.isInteger);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
