import { readFileSync, statSync } from "node:fs";
import { commandLineOf } from "./command-line.ts";
import { identityOf, shownCommand, statOf } from "./identity.ts";
import type { Holder } from "./lease-queue.ts";

/**
 * Who has the kernel's lock of any of these files, by /proc/locks (proc_locks(5)); empty where that doesn't tell: on
 * macOS, and for the processes of other containers.
 */
export function lockHolders(files: readonly string[]): Omit<Holder, "since">[] {
  const inodes = new Set(files.flatMap((file) => statSync(file, { throwIfNoEntry: false })?.ino ?? []));
  const pids = new Map<number, Holder["mode"]>();
  for (const { pid, inode, mode } of parseLocks(locksText()))
    if (inodes.has(inode) && pids.get(pid) !== "exclusive") pids.set(pid, mode);
  pids.delete(process.pid);
  return [...pids].flatMap(([pid, mode]) => {
    const identity = identityOf(pid);
    return identity ? [{ ...identity, mode, command: shownCommand(commandLineOf(pid) ?? []) }] : [];
  });
}

/** The lines of `/proc/locks` of those who have a lock: not of those who wait for one, which have an arrow. */
export function parseLocks(text: string): { pid: number; inode: number; mode: Holder["mode"] }[] {
  return text.split("\n").flatMap((line) => {
    const [, mode, pid, inode] = /^\d+: \S+ +\S+ +(READ|WRITE) +(\d+) +\S+:(\d+) /.exec(line) ?? [];
    return mode ? [{ pid: Number(pid), inode: Number(inode), mode: mode === "READ" ? "shared" : "exclusive" }] : [];
  });
}

function locksText(): string {
  try {
    return readFileSync("/proc/locks", "latin1");
  } catch {
    return "";
  }
}

/** Whether a process was stopped (Ctrl-Z, SIGSTOP, a debugger) and does nothing until it is let go on. */
export function isStopped(pid: number): boolean {
  return pid !== process.pid && /[Tt]/.test(statOf(pid)?.state ?? "");
}
