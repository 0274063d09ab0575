import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProcessRef } from "../../../src/core/process.ts";
import { attachProcess } from "../../../src/processes/spawn.ts";
import { stopProcess } from "../../../src/processes/stop.ts";

/** A daemon in a process of its own, which can be stopped, hung, killed and started again. */
export class FakeDaemon implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "skerry-daemon-"));
  #child: Bun.Subprocess<"ignore", "pipe", "inherit"> | undefined;

  /** Where it listens. */
  readonly socket = join(this.#folder, "socket");
  /** What it keeps. */
  readonly root = join(this.#folder, "root");

  static async start(): Promise<FakeDaemon> {
    const daemon = new FakeDaemon();
    await daemon.start();
    return daemon;
  }

  async start(): Promise<void> {
    const argv = [process.execPath, join(import.meta.dirname, "programs/daemon.ts"), this.socket, this.root];
    this.#child = Bun.spawn(argv, { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
    await this.#child.stdout.getReader().read();
  }

  /** Ends it; what it runs goes on. */
  async end(signal: "SIGTERM" | "SIGKILL" = "SIGKILL"): Promise<void> {
    this.#child?.kill(signal);
    await this.#child?.exited;
  }

  /** It answers nothing any more, until {@link wake}. */
  hang(): void {
    this.#child?.kill("SIGSTOP");
  }

  wake(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Takes an environment away behind everybody's back. */
  forget(id: string): void {
    rmSync(join(this.root, id), { recursive: true });
  }

  /** Lets it believe that an environment was made so long ago, in milliseconds. */
  age(id: string, ms: number): void {
    const file = join(this.root, id, "label.json");
    const label = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...label, createdAt: label.createdAt - ms }));
  }

  /** Ids of the environments that it holds. */
  get environments(): string[] {
    return existsSync(this.root) ? readdirSync(this.root) : [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    for (const id of this.environments) {
      for (const name of readdirSync(join(this.root, id, "processes"))) {
        const ref = JSON.parse(readFileSync(join(this.root, id, "processes", name), "utf8")) as ProcessRef;
        const found = attachProcess(ref);
        if (found !== "gone") await stopProcess(found, 0);
      }
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
