import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { digest, sha256 } from "../core/json.ts";
import { readIfExists, writeAtomic } from "../platform/files.ts";
import { makeWay } from "../platform/put.ts";
import { contentsOf, type Ground } from "./contents.ts";
import { matchFiles } from "./globs.ts";
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
  readonly #ground: Ground;
  readonly #task: Task;
  readonly #args: readonly string[];
  readonly #home: string;
  readonly #path: string;
  /** Where what a killed process leaves is swept. */
  readonly #aside: string;

  /** @param home the state folder @param ground of the folder that the task belongs to */
  constructor(home: string, ground: Ground, task: Task, args: readonly string[]) {
    this.#home = join(home, "tasks");
    this.#aside = join(home, "tmp");
    this.#ground = ground;
    this.#task = task;
    this.#args = args;
    this.#path = join(this.#home, `${sha256(`${ground.folder}\0${task.name}`).slice(0, 40)}.json`);
  }

  /** Whether there is anything by which a run can be told to be unneeded. */
  get isKept(): boolean {
    return this.#task.inputs.length + this.#task.outputs.length > 0;
  }

  /** What goes into the task now; undefined where nothing can be told: patterns without a file say nothing. */
  async before(signal?: AbortSignal): Promise<string | undefined> {
    if (!this.isKept) return undefined;
    const { inputs, outputs, command, env, cwd, environment } = this.#task;
    const contents = await this.#contents(inputs, signal);
    if (contents === undefined || (inputs.length > 0 && contents.length === 0)) return undefined;
    const how = { command, env, cwd, environment: environment ?? null, inputs, outputs, args: this.#args };
    return digest({ ...how, files: contents });
  }

  /** Whether the task succeeded with just this, and what it wrote is there as it was. */
  async isUnchanged(before: string, signal?: AbortSignal): Promise<boolean> {
    const known = read(this.#path);
    const { name, outputs } = this.#task;
    if (known?.before !== before || known.folder !== this.#ground.folder || known.task !== name) return false;
    for (const one of outputs)
      if (!one.startsWith("!") && !(await matchFiles(this.#ground, [one], signal))?.length) return false;
    return known.after === (await this.#after(signal));
  }

  /** Before a run: whatever it does to the files, it hasn't succeeded yet. */
  forget(): void {
    makeWay(this.#path);
    rmSync(this.#path, { force: true });
  }

  /** After a success. @param before of when the run began */
  async keep(before: string): Promise<void> {
    const after = await this.#after();
    if (after === undefined) return;
    mkdirSync(this.#home, { recursive: true, mode: 0o700 });
    sweep(this.#home);
    const { folder } = this.#ground;
    const success: Success = { format: 1, folder, task: this.#task.name, before, after };
    writeAtomic(this.#path, JSON.stringify(success), { mode: 0o600, aside: this.#aside });
  }

  async #after(signal?: AbortSignal): Promise<string | undefined> {
    const contents = await this.#contents(this.#task.outputs, signal);
    return contents && digest(contents);
  }

  async #contents(patterns: readonly string[], signal: AbortSignal | undefined) {
    const files = await matchFiles(this.#ground, patterns, signal);
    return files && contentsOf(this.#ground, files, signal);
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
