import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { digest, sha256 } from "../core/json.ts";
import { readIfExists, writeAtomic } from "../platform/files.ts";
import { contentsOf, matchFiles } from "./globs.ts";
import type { Task } from "./task.ts";

/** What is kept of the last success of a task in a folder, as `tasks/` in the state folder has it. */
interface Success {
  readonly format: 1;
  /** The folder that the task belongs to: when it is gone, so is this. */
  readonly folder: string;
  readonly task: string;
  /** Digest of what went in: the task as it is written, its arguments, and the contents of its inputs. */
  readonly before: string;
  /** Digest of the contents of its outputs afterwards. */
  readonly after: string;
}

/** What a task read and wrote when it last succeeded in a folder. */
export class Memory {
  readonly #folder: string;
  readonly #task: Task;
  readonly #args: readonly string[];
  readonly #home: string;
  readonly #path: string;
  /** Where what a killed process leaves is swept. */
  readonly #aside: string;

  /** @param home the state folder @param folder the folder that the task belongs to */
  constructor(home: string, folder: string, task: Task, args: readonly string[]) {
    this.#home = join(home, "tasks");
    this.#aside = join(home, "tmp");
    this.#folder = folder;
    this.#task = task;
    this.#args = args;
    this.#path = join(this.#home, `${sha256(`${folder}\0${task.name}`).slice(0, 40)}.json`);
  }

  /** Whether there is anything by which a run can be told to be unneeded. */
  get isKept(): boolean {
    return this.#task.inputs.length + this.#task.outputs.length > 0;
  }

  /** What goes into the task now; undefined where nothing can be told: patterns without a file say nothing. */
  before(): string | undefined {
    if (!this.isKept) return undefined;
    const { inputs, outputs, command, env, cwd, environment } = this.#task;
    const files = matchFiles(this.#folder, inputs);
    if (inputs.length > 0 && files.length === 0) return undefined;
    const how = { command, env, cwd, environment: environment ?? null, inputs, outputs, args: this.#args };
    return digest({ ...how, files: contentsOf(this.#folder, files) });
  }

  /** Whether the task succeeded with just this, and what it wrote is there as it was. */
  isUnchanged(before: string): boolean {
    const known = read(this.#path);
    const { name, outputs } = this.#task;
    if (known?.before !== before || known.folder !== this.#folder || known.task !== name) return false;
    return (
      outputs.every((one) => one.startsWith("!") || this.#files([one]).length > 0) && known.after === this.#after()
    );
  }

  /** Before a run: whatever it does to the files, it hasn't succeeded yet. */
  forget(): void {
    rmSync(this.#path, { force: true });
  }

  /** After a success. @param before of when the run began */
  keep(before: string): void {
    mkdirSync(this.#home, { recursive: true, mode: 0o700 });
    sweep(this.#home);
    const success: Success = { format: 1, folder: this.#folder, task: this.#task.name, before, after: this.#after() };
    writeAtomic(this.#path, JSON.stringify(success), { aside: this.#aside });
  }

  #after(): string {
    return digest(contentsOf(this.#folder, this.#files(this.#task.outputs)));
  }

  #files(patterns: readonly string[]): string[] {
    return matchFiles(this.#folder, patterns);
  }
}

/** What a damaged file says doesn't count: the task runs. */
function read(path: string): Success | undefined {
  try {
    const value = JSON.parse(readIfExists(path) ?? "null") as Success | null;
    return value?.format === 1 ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Removes what is kept of folders that are gone. */
function sweep(home: string): void {
  for (const name of readdirSync(home)) {
    const path = join(home, name);
    const folder = name.endsWith(".json") ? read(path)?.folder : undefined;
    if (folder !== undefined && !existsSync(folder)) rmSync(path, { force: true });
  }
}
