import type { LayerTarget } from "./layer-target.ts";
import type { Operation } from "./operation.ts";
import type { Signal } from "./signal.ts";

/** How to run an external tool. */
export interface ToolRequest {
  readonly op: Operation;
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** All of its variables; absent: those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Given to it on standard input, which is empty otherwise. */
  readonly input?: string;
  /** Takes passwords out of whatever is told of its run: lines and time-outs. Absent: out of addresses alone. */
  readonly redact?: (text: string) => string;
  /** Called with each line of its output as it comes, without the line end; a carriage return ends one too. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Bytes kept of each stream, the first and the last half; 8 MiB when absent. */
  readonly outputLimit?: number;
}

/** How a tool ended. */
export interface ToolResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: Signal | null;
  /** UTF-8; where the middle was left out, a line says so. */
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** The Python that packages are for, and where it lives: on this machine, or wherever its engine can start something. */
export interface Target {
  /** Plain data, to be recorded and compared. */
  readonly identity: LayerTarget;
  /** The variables that environment markers see there, by name; without extras. */
  readonly markers: Readonly<Record<string, string>>;
  /**
   * Runs a program there to its end: installers, and its own Python to compile or to ask the index. Folders of the state
   * are at the same paths. @throws what `runTool` does
   */
  run(argv: readonly [string, ...string[]], request: ToolRequest): Promise<ToolResult>;
}
