import type { FaultKind } from "./fault.ts";
import type { PackageOperation, PackageVersion, VersionChange } from "./package-change.ts";
import type { ExitResult, RunningProcess } from "./process.ts";

/** What every event carries. */
interface Base {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Id and name of the environment it is about, where it is about one. */
  readonly environment?: { readonly id: string; readonly name: string };
  /** How long the thing took, in milliseconds, where that means something. */
  readonly durationMs?: number;
}

/**
 * The facts that are told, by kind. Each is told after it happened, by `record` or `emit` of `EventBus`
 * (environments/events.ts), so by the manager alone; a listener can't make the operation fail. What an event says is in
 * schemas/events.ts too, for documentation and tests.
 */
export interface EventData {
  "environment.created": { readonly engine: string; readonly python?: string; readonly cached: boolean };
  /** `because`, when it went by itself: `exit` of its owner, `ttl`, `idle`; or collected for its `age` or the `size` of all. */
  "environment.destroyed": { readonly engine: string; readonly cached: boolean; readonly because?: string };
  "environment.recovered": { readonly from: string; readonly outcome: string };
  "environment.repaired": { readonly faults: readonly FaultKind[] };
  "packages.changed": {
    readonly operation: PackageOperation;
    readonly added: readonly PackageVersion[];
    readonly removed: readonly PackageVersion[];
    readonly changed: readonly VersionChange[];
  };
  "layer.built": { readonly layer: string; readonly packages: number; readonly bytes: number };
  "tree.damaged": {
    readonly tree: string;
    readonly package: string;
    readonly paths: readonly string[];
    readonly environments: readonly string[];
  };
  "store.collected": {
    readonly environments: number;
    readonly layers: number;
    readonly trees: number;
    /** Of disk, freed. */
    readonly bytes: number;
  };
  /** `command`: the program, without its arguments, which may be secrets. `pid`: null where only an engine can find it. */
  "process.started": { readonly pid: number | null; readonly command: readonly string[] };
  "process.exited": { readonly pid: number | null; readonly exitCode: number; readonly timedOut: boolean };
  "operation.failed": { readonly operation: string; readonly code: string; readonly message: string };
}
export type EventKind = keyof EventData;

/** Every kind with one sentence; docs/reference/events.md is made from it. */
export const EVENT_KINDS: Readonly<Record<EventKind, string>> = {
  "environment.created": "An environment became ready.",
  "environment.destroyed": "An environment and everything of its own is gone.",
  "environment.recovered": "What a killed process had left half done was finished or taken back.",
  "environment.repaired": "What was wrong with an environment was mended.",
  "packages.changed": "The packages of an environment changed from one lock to another.",
  "layer.built": "A layer was built and sealed in the store.",
  "tree.damaged": "Files of a wheel in the store were changed after sealing; the wheel is made anew.",
  "store.collected": "Cached environments and parts of the store that nobody used were removed.",
  "process.started":
    "A command was started in an environment, and Skerry waits beside it. `run` and `exec` mostly become the command instead, which tells nothing, for a warm start writes no more than it must: `skerry show` names all that run.",
  "process.exited": "A command that Skerry waited for ended.",
  "operation.failed": "An operation, such as `create`, `install`, `repair` or `gc`, ended with an error.",
};

/** An event: one member of the union for each kind, so that a `switch` on `kind` narrows `data`. */
export type SkerryEvent = {
  readonly [K in EventKind]: Base & { readonly kind: K; readonly data: EventData[K] };
}[EventKind];

/** An event as the ledger keeps it; `seq` grows by time of commit. */
export type RecordedEvent = SkerryEvent & { readonly seq: number };

/** What is being done at the moment. */
export interface Progress {
  readonly kind: "progress";
  /** What is being done: `resolve`, `download`, `build`, `install`, `link`, `wait` … */
  readonly phase: string;
  /** The thing it is done to, for people: a package, a file, who is waited for. */
  readonly detail?: string;
  readonly done?: number;
  readonly total?: number;
}

/** What became of a task. */
export interface TaskOutcome {
  readonly name: string;
  /** `stopped`: another one failed, or all were stopped, while it ran; `not-run`: before it could begin. */
  readonly outcome: "succeeded" | "failed" | "unchanged" | "stopped" | "not-run";
  /** How its command ended; null where none was started. */
  readonly exit: ExitResult | null;
}

/**
 * All that an operation tells while it goes on. What has a `seq` is a fact that the event log keeps; the rest is for
 * whoever listens, and gone then.
 */
export type OperationEvent =
  | Progress
  /** Something is amiss, and the operation goes on. */
  | { readonly kind: "warning"; readonly text: string; readonly hint?: string | undefined }
  /** What a person may want to know. */
  | { readonly kind: "note"; readonly text: string }
  /** A line that the command of a task printed. */
  | { readonly kind: "line"; readonly task: string; readonly line: string; readonly stream: "stdout" | "stderr" }
  /** `alone`: it has this process's own streams. */
  | { readonly kind: "task.started"; readonly task: string; readonly alone: boolean; readonly process: RunningProcess }
  | { readonly kind: "task.ended"; readonly outcome: TaskOutcome }
  | RecordedEvent;
