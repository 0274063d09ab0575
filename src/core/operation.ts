import { SkerryError } from "./error.ts";
import { tellListener } from "./listener.ts";

/** What a long operation says of itself while it goes on. */
export interface Progress {
  /** What is being done: `resolve`, `download`, `build`, `install`, `link`, `wait` … */
  readonly phase: string;
  /** The thing it is done to, for people: a package, a file, who is waited for. */
  readonly detail?: string;
  readonly done?: number;
  readonly total?: number;
}

/** Goes with every method that does input or output: who asked, how to stop it, where to report. */
export interface Operation {
  readonly id: string;
  readonly signal: AbortSignal;
  report(progress: Progress): void;
}

/** Options for {@link operation}. */
export interface OperationOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

const never = new AbortController().signal;
let counter = 0;

/** Starts an operation. Its id is unique among those of this process. */
export function operation(options: OperationOptions = {}): Operation {
  return {
    id: `${process.pid}-${++counter}`,
    signal: options.signal ?? never,
    report: (progress) => tellListener(options.onProgress, progress),
  };
}

/** Throws `SKE-INTERRUPTED` when the operation was told to stop, or the abort reason where that is a SkerryError. */
export function throwIfStopped(op: Operation): void {
  if (!op.signal.aborted) return;
  throw stopped(op.signal);
}

/** The error for a stopped operation. */
export function stopped(signal: AbortSignal): SkerryError {
  if (signal.reason instanceof SkerryError) return signal.reason;
  return new SkerryError("SKE-INTERRUPTED", "The operation was stopped before it finished");
}
