import { SkerryError } from "../../core/error.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What became of the signals that end programs. */
export interface Interrupts {
  /** Aborted at the first signal, so that what is half done is taken back. */
  readonly signal: AbortSignal;
  /** From now on signals are handed to `receiver`, which a running command stands behind, until the result is called. */
  divert(receiver: (signal: NodeJS.Signals) => void): () => void;
}

/**
 * Listens for the signals that end programs. A second one kills all that was started, without grace, and ends this
 * program; a third one ends it at once.
 */
export function listenForInterrupts(): Interrupts {
  const controller = new AbortController();
  let receiver: ((signal: NodeJS.Signals) => void) | undefined;
  let isKilling = false;
  const end = async (name: NodeJS.Signals) => {
    const status = 128 + process.getBuiltinModule("node:os").constants.signals[name];
    if (isKilling) process.exit(status);
    isKilling = true;
    try {
      const { killStarted } = await import("../../processes/stop.ts");
      await killStarted();
    } finally {
      process.exit(status);
    }
  };
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (receiver) return receiver(name);
      if (controller.signal.aborted) return void end(name);
      controller.abort(
        new SkerryError("SKE-INTERRUPTED", `Stopped by ${name} before it was done`, { details: { signal: name } }),
      );
    });
  }
  return {
    signal: controller.signal,
    divert(next) {
      receiver = next;
      return () => {
        receiver = undefined;
      };
    },
  };
}
