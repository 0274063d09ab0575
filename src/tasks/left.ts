import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pause } from "../core/pause.ts";
import type { ProcessIdentity } from "../core/process.ts";
import { ioError, readIfExists, writeAtomic } from "../platform/files.ts";
import { bootId, isAlive } from "../platform/identity.ts";
import { COOKIE_VARIABLE, descendants, newCookie, withCookie } from "../processes/tree.ts";

/** How often a command that was left running is looked at, in milliseconds. */
const POLL_MS = 100;

/** What is known of a command; its process isn't before it has been started. */
interface Noted extends Partial<Pick<ProcessIdentity, "pid" | "start">> {
  readonly boot: string;
  /** Found in the variables of the command, and of all that it starts. */
  readonly cookie: string;
}

/**
 * The command of a shared task that runs now. A lease ends with the program that holds it, and its command goes on when
 * that was killed: whoever takes the lease next finds here what to wait for.
 */
export class RunningNote {
  readonly #folder: string;
  readonly #path: string;
  readonly #aside: string;
  readonly #cookie = newCookie();

  /** @param home the state folder @param lease the task's lease, which the caller holds */
  constructor(home: string, lease: string) {
    this.#folder = join(home, "tasks");
    this.#path = join(this.#folder, `${lease}.running`);
    this.#aside = join(home, "tmp");
  }

  /**
   * Waits for what a killed program left. @param onWait told its pid when there is something to wait for
   * @throws SKE-INTERRUPTED while it goes on: the next one has to wait for it still
   */
  async settle(onWait: (pid: number) => void, signal: AbortSignal): Promise<void> {
    const noted = read(this.#path);
    const left = noted && processOf(noted);
    if (left && isAlive(left)) {
      onWait(left.pid);
      while (isAlive(left)) await pause(POLL_MS, signal);
    }
    if (noted) this.clear();
  }

  /**
   * Notes that the command is just to be started: a kill between its start and a note of its process mustn't lose it.
   * @param env the variables around it @returns variables by which it is found @throws SKE-IO
   */
  begin(env: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw ioError("create the folder", this.#folder, error);
    }
    this.#write({ cookie: this.#cookie, boot: bootId() });
    const outer = env[COOKIE_VARIABLE];
    return withCookie(outer === undefined ? {} : { [COOKIE_VARIABLE]: outer }, this.#cookie);
  }

  /** Notes its process: what it leaves in the background has its cookie too, and isn't waited for. */
  started({ pid, start, boot }: ProcessIdentity): void {
    try {
      this.#write({ pid, start, boot, cookie: this.#cookie });
    } catch {
      // It is found by its cookie.
    }
  }

  /** The command has ended. */
  clear(): void {
    rmSync(this.#path, { force: true });
  }

  #write(noted: Noted): void {
    writeAtomic(this.#path, JSON.stringify(noted), { mode: 0o600, aside: this.#aside });
  }
}

/** The process of a command; of one that is known by its cookie alone, the one that was there first. */
function processOf({ pid, start, boot, cookie }: Noted): ProcessIdentity | undefined {
  if (pid !== undefined && start !== undefined) return { pid, start, boot };
  if (boot !== bootId()) return undefined;
  return descendants(undefined, cookie).sort((a, b) => Number(a.start) - Number(b.start))[0];
}

function read(path: string): Noted | undefined {
  try {
    const noted = JSON.parse(readIfExists(path) ?? "null") as Noted | null;
    return typeof noted?.boot === "string" && typeof noted.cookie === "string" ? noted : undefined;
  } catch {
    return undefined;
  }
}
