import { SkerryError } from "./error.ts";
import type { OperationEvent } from "./event.ts";
import { tellListener } from "./listener.ts";

/** Goes with every method that does input or output: how to stop it, and where to tell what goes on. */
export interface Operation {
  readonly signal: AbortSignal;
  tell(event: OperationEvent): void;
}

/** Options for {@link operation}. */
export interface OperationOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told what goes on: progress, warnings, notes, facts. What it throws is a warning of the process. */
  readonly onEvent?: ((event: OperationEvent) => void) | undefined;
}

const never = new AbortController().signal;

/** Starts an operation. A warning that nobody listens for is one of the process. */
export function operation({ signal = never, onEvent }: OperationOptions = {}): Operation {
  return {
    signal,
    tell(event) {
      if (onEvent) tellListener(onEvent, event);
      else if (event.kind === "warning") process.emitWarning(event.text);
    },
  };
}

/** Tells of a failure in spite of which the operation goes on. */
export function warnOf(op: Operation, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  const hint = error instanceof SkerryError ? error.hint : undefined;
  op.tell({ kind: "warning", text, hint });
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
