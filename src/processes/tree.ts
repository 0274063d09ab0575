import { readdirSync, readFileSync } from "node:fs";
import type { ProcessIdentity } from "../core/process.ts";
import type { Signal } from "../core/signal.ts";
import {
  bootId,
  isAlive,
  type ProcessStat,
  PS_FIELDS,
  parsePsLine,
  statOf,
  systemOutput,
} from "../platform/identity.ts";

/** The variable that every descendant of a started command carries in its environment. */
export const COOKIE_VARIABLE = "SKERRY_PROCESS";

/** A new cookie: 16 hexadecimal digits. */
export function newCookie(): string {
  return [...crypto.getRandomValues(new Uint32Array(2))].map((half) => half.toString(16).padStart(8, "0")).join("");
}

/** The cookie of all tools that a process runs: by it they are found when the process was killed. */
export function toolCookie({ pid, start, boot }: ProcessIdentity): string {
  return `tool-${pid}-${start}-${boot}`.replace(/[^\w-]/g, "_");
}

/** Variables with the cookie in them. Cookies of commands around it are kept before it, with commas: it is theirs too. */
export function withCookie(env: Readonly<Record<string, string>>, cookie: string): Record<string, string> {
  const outer = env[COOKIE_VARIABLE];
  return { ...env, [COOKIE_VARIABLE]: outer ? `${outer},${cookie}` : cookie };
}

/** The root of a tree of processes, as `ProcessRef` has it; without a cookie what cut itself loose before isn't found. */
export interface TreeRoot extends ProcessIdentity {
  readonly cookie?: string;
}

/** Every process of the machine that hasn't ended. */
function allProcesses(): ProcessStat[] {
  if (process.platform !== "linux") {
    return systemOutput("ps", ["-A", ...PS_FIELDS])
      .split("\n")
      .map(parsePsLine)
      .filter((stat) => stat !== undefined && stat.state !== "Z") as ProcessStat[];
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat !== undefined);
}

/** The pids whose initial environment has the cookie. Other users' environments can't be read. */
function carriers(cookie: string, pids: readonly number[]): number[] {
  const carries = (variables: readonly string[]) =>
    variables.some(
      (v) =>
        v.startsWith(`${COOKIE_VARIABLE}=`) &&
        v
          .slice(COOKIE_VARIABLE.length + 1)
          .split(",")
          .includes(cookie),
    );
  if (process.platform !== "linux") {
    const lines = systemOutput("ps", ["-A", "-E", "-ww", "-o", "pid=,command="]).split("\n");
    return lines.filter((line) => carries(line.split(" "))).map((line) => Number.parseInt(line, 10));
  }
  return pids.filter((pid) => {
    try {
      return carries(readFileSync(`/proc/${pid}/environ`, "latin1").split("\0"));
    } catch {
      return false; // Gone, or another user's.
    }
  });
}

/**
 * The living descendants of a process: its children's children, whatever carries its cookie, and whatever is in a
 * session that one of them leads. `known` are pids that are taken as descendants already. This process is left out.
 * @param root undefined when the process has ended: its pid may be another's by now
 */
export function descendants(
  root: number | undefined,
  cookie?: string,
  known: ReadonlySet<number> = new Set(),
): ProcessIdentity[] {
  const processes = allProcesses();
  const members = new Set<number>(known);
  if (root !== undefined) members.add(root);
  if (cookie)
    for (const pid of carriers(
      cookie,
      processes.map(({ pid }) => pid),
    ))
      members.add(pid);
  for (let size = -1; size !== members.size; ) {
    size = members.size;
    for (const { pid, parent, session } of processes) {
      // A session that a member leads was made within the tree; any other may be the terminal's.
      if (members.has(parent) || members.has(session)) members.add(pid);
    }
  }
  if (root !== undefined) members.delete(root);
  members.delete(process.pid);
  return processes.filter(({ pid }) => members.has(pid)).map(({ pid, start }) => ({ pid, start, boot: bootId() }));
}

/** Sends a signal to this very process; false when it is gone. Another user's process counts as reached. */
export function signalProcess(identity: ProcessIdentity, signal: Signal): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** A process and all its descendants, those included that were found before they cut themselves loose. */
export class ProcessTree {
  readonly #root: TreeRoot;
  readonly #known = new Map<number, ProcessIdentity>();

  constructor(root: TreeRoot) {
    this.#root = root;
  }

  /** Whether anything of it runs. */
  async isRunning(): Promise<boolean> {
    return this.#living().length > 0 || this.#look().length > 0;
  }

  /** Sends a signal to all of it; a stopped process acts on it when it goes on, so all go on. */
  async signal(signal: Signal): Promise<void> {
    for (const identity of this.#look()) {
      signalProcess(identity, signal);
      if (signal !== "SIGSTOP" && signal !== "SIGTSTP") signalProcess(identity, "SIGCONT");
    }
  }

  #living(): ProcessIdentity[] {
    for (const [pid, identity] of this.#known) if (!isAlive(identity)) this.#known.delete(pid);
    return [...this.#known.values()];
  }

  #look(): ProcessIdentity[] {
    const root = this.#root;
    const isRootAlive = isAlive(root);
    this.#living();
    const found = descendants(isRootAlive ? root.pid : undefined, root.cookie, new Set(this.#known.keys()));
    for (const identity of found) this.#known.set(identity.pid, identity);
    if (isRootAlive) this.#known.set(root.pid, { pid: root.pid, start: root.start, boot: root.boot });
    return this.#living();
  }
}
