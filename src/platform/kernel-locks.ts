import { readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { commandLineOf } from "./command-line.ts";
import type { Holder } from "./holder.ts";
import { identityOf, shownCommand, statOf } from "./identity.ts";

/**
 * Who has the kernel's lock of any of these files, by /proc/locks (proc_locks(5)); empty where that doesn't tell: on
 * macOS, and for the processes of other containers.
 */
export function lockHolders(files: readonly string[]): Omit<Holder, "since">[] {
  const stats = files.flatMap((file) => statSync(file, { throwIfNoEntry: false }) ?? []);
  const pids = new Map<number, Holder["mode"]>();
  for (const { pid, inode, mode } of parseLocks(locksText()))
    if (stats.some(({ ino }) => ino === inode) && pids.get(pid) !== "exclusive") pids.set(pid, mode);
  pids.delete(process.pid);
  return [...pids].flatMap(([pid, mode]) => {
    const identity = hasOpen(pid, stats) ? identityOf(pid) : undefined;
    return identity ? [{ ...identity, mode, command: shownCommand(commandLineOf(pid) ?? []) }] : [];
  });
}

/**
 * Whether a process has one of these files open: on another device a file may have the same inode. The device that
 * /proc/locks tells isn't always that of stat(2): on btrfs and overlayfs it is another.
 */
function hasOpen(pid: number, files: readonly Stats[]): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const open = statSync(`/proc/${pid}/fd/${fd}`, { throwIfNoEntry: false });
      return files.some(({ dev, ino }) => open?.dev === dev && open.ino === ino);
    });
  } catch {
    return true; // Another user's: it can't be seen.
  }
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
