import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { LocalProcessRef, ProcessIdentity, ProcessRef } from "../core/process.ts";
import { hideSecrets } from "../core/secrets.ts";
import { isNamespaceGone, pidNamespace } from "./pid-namespaces.ts";

/** What the kernel says of a process. */
export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly session: number;
  /** See {@link ProcessIdentity.start}. */
  readonly start: string;
}

/**
 * Reads the text of `/proc/PID/stat` (proc_pid_stat(5)). The name in parentheses may hold anything, spaces, line
 * breaks and parentheses included, so fields are counted from the last `)`.
 */
export function parseStat(text: string): ProcessStat | undefined {
  const end = text.lastIndexOf(")");
  const open = text.indexOf("(");
  if (end < 0 || open < 0) return undefined;
  const fields = text.slice(end + 2).split(" ");
  const [state, parent, , session] = fields;
  const start = fields[19];
  if (state === undefined || start === undefined || !/^\d+$/.test(start)) return undefined;
  return { pid: Number(text.slice(0, open)), state, parent: Number(parent), session: Number(session), start };
}

/** One line of `ps -o pid=,ppid=,pgid=,stat=,lstart=`. The process group stands for the session, which macOS doesn't tell. */
export function parsePsLine(line: string): ProcessStat | undefined {
  const [pid = "", parent = "", group = "", state = "", ...words] = line.trim().split(/\s+/);
  if (![pid, parent, group].every((number) => /^\d+$/.test(number)) || words.length === 0) return undefined;
  const start = words.join(" ");
  const seconds = Date.parse(`${start} UTC`) / 1000;
  return {
    pid: Number(pid),
    state: state.charAt(0),
    parent: Number(parent),
    session: Number(group),
    start: Number.isNaN(seconds) ? start : String(seconds),
  };
}

/** Runs `ps` or `sysctl` where there is no /proc; empty when it fails, as it does for a pid that is gone. */
export function systemOutput(program: string, args: readonly string[]): string {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", TZ: "UTC0" };
  return spawnSync(program, args, { encoding: "utf8", env, timeout: 10_000, maxBuffer: 64 << 20 }).stdout ?? "";
}

/** What the kernel says of a process; undefined once it has ended, also while its parent hasn't collected its status. */
export function statOf(pid: number): ProcessStat | undefined {
  const stat = readStat(pid);
  return stat === undefined || /[ZXx]/.test(stat.state) ? undefined : stat;
}

/** Options of `ps` that give lines for {@link parsePsLine}. */
export const PS_FIELDS = ["-o", "pid=,ppid=,pgid=,stat=,lstart="] as const;

function readStat(pid: number): ProcessStat | undefined {
  if (process.platform !== "linux") return parsePsLine(systemOutput("ps", [...PS_FIELDS, "-p", `${pid}`]));
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}

let boot: string | undefined;

/** What pids mean something in: the running boot of the machine, on Linux with the pid namespace. See {@link ProcessIdentity.boot}. */
export function bootId(): string {
  if (boot !== undefined) return boot;
  boot =
    process.platform === "linux"
      ? `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()}/${pidNamespace()}`
      : systemOutput("sysctl", ["-n", "kern.bootsessionuuid"]).trim();
  return boot;
}

/** Identity of a running process; undefined when no process has this pid or it has ended (a zombie has). */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  return stat && { pid, start: stat.start, boot: bootId() };
}

/** Identity of a child that was just started, which may have ended by now; its start is empty when it is gone without a trace. */
export function identityOfChild(pid: number): ProcessIdentity {
  return { pid, start: readStat(pid)?.start ?? "", boot: bootId() };
}

/** What this process does, for people: `skerry create web`. */
export function ownCommand(): string {
  return shownCommand(process.argv.slice(1));
}

/** What a process does, for people, by its program and arguments. Options and what follows them may be secrets. */
export function shownCommand([program = "", ...args]: readonly string[]): string {
  const end = args.findIndex((word) => word.startsWith("-"));
  const words = args.slice(0, end < 0 ? 2 : Math.min(end, 2));
  // Of a compiled program, the path is one inside of it that means nothing outside.
  return hideSecrets([basename(program), ...words].join(" ")).slice(0, 200);
}

let self: ProcessIdentity | undefined;

/** Identity of this process; stays the same over execve. */
export function selfIdentity(): ProcessIdentity {
  self ??= identityOf(process.pid);
  if (self === undefined) throw new Error(`this process (${process.pid}) can't be found: is /proc mounted?`);
  return self;
}

/** True while the very process that `identity` was taken of is running, as far as it can be seen from here. */
export function isAlive({ pid, start, boot }: ProcessIdentity): boolean {
  // Older versions noted the boot alone.
  const isHere = boot === bootId() || (boot !== "" && boot === bootOf(bootId()));
  return isHere && statOf(pid)?.start === start;
}

/** True for a process of this boot in another pid namespace, such as that of another container: nobody here can see it. */
export function isHidden({ boot }: ProcessIdentity): boolean {
  return boot.includes("/") && boot !== bootId() && bootOf(boot) === bootOf(bootId());
}

/** How long a process that can't be seen from here counts as running, in milliseconds: a week. */
const HIDDEN_MS = 7 * 86_400_000;

/**
 * True unless a process has surely ended. One of another pid namespace counts as running for a week, unless that is
 * seen to be gone.
 * @param since when it was last known to run, in milliseconds since 1970
 */
export function mayBeAlive(identity: ProcessIdentity, since: number, alive = isAlive): boolean {
  if (!isHidden(identity)) return alive(identity);
  return Date.now() - since < HIDDEN_MS && !isNamespaceGone(identity.boot.slice(identity.boot.lastIndexOf("/") + 1));
}

/** The pid for people, and where it is when that isn't here: `7`, `7 of another container`. */
export function namePid(identity: ProcessIdentity): string {
  return `${identity.pid}${isHidden(identity) ? " of another container" : ""}`;
}

/** What a command is called for people: its pid, or whose it is where only an engine can find it. */
export function nameProcess(ref: ProcessRef): string {
  return ref.kind === "local" ? namePid(ref) : `of ${ref.engine}`;
}

/** True for a command that nobody here can see any more, nor its end: one of another container. */
export function isOutOfSight(ref: ProcessRef): ref is LocalProcessRef {
  return ref.kind === "local" && isHidden(ref);
}

function bootOf(boot: string): string {
  return boot.replace(/\/.*/, "");
}
