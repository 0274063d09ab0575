import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { Lately } from "../core/lately.ts";

/** Number of the pid namespace that a machine begins with (PROC_PID_INIT_INO of the kernel): from it all others are seen. */
const FIRST = "4026531836";

const seen = new Lately<{ readonly namespaces: ReadonlySet<string> | undefined }>();

/** Number of the pid namespace of this process (pid_namespaces(7)); empty where the kernel has none or /proc is another one's. */
export function pidNamespace(): string {
  try {
    return numberOf("self");
  } catch {
    return "";
  }
}

/** Whether a pid namespace is surely gone: no process is in it. Only the machine's first one sees that of others. */
export function isNamespaceGone(namespace: string): boolean {
  if (pidNamespace() !== FIRST) return false;
  const { namespaces } = seen.get("") ?? seen.set("", { namespaces: inUse() });
  return namespaces !== undefined && !namespaces.has(namespace);
}

/** The namespaces in which processes run; undefined when that of one can't be told that may use a state folder of this user. */
function inUse(): Set<string> | undefined {
  const found = new Set([FIRST]);
  // Process 1 is in the first one, and not everybody may look at it.
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== "1")) {
    try {
      const namespace = numberOf(pid);
      if (!found.has(namespace) && isThere(pid)) found.add(namespace);
    } catch {
      const owner = statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
      // One that has ended counts for nothing, nor does another user's: a state folder is used by its owner alone.
      if (owner === process.geteuid?.() && isThere(pid)) return undefined;
    }
  }
  return found;
}

/** Not so of one that ended meanwhile, and of one whose end nobody has collected. */
function isThere(pid: string): boolean {
  try {
    return !/\) [ZXx] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

function numberOf(pid: string): string {
  return /\d+/.exec(readlinkSync(`/proc/${pid}/ns/pid`))?.[0] ?? "";
}
