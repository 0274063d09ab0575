import { SkerryError } from "../core/error.ts";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** What became of the signals that end programs. */
export interface Interrupts {
  /** Aborted at the first signal, so that what is half done is taken back. */
  readonly signal: AbortSignal;
  /** The exit status that the first signal asks for; undefined when none came. */
  readonly exitCode: number | undefined;
  /** From now on signals are handed to `receiver`, which a running command stands behind, until the result is called. */
  divert(receiver: (signal: NodeJS.Signals) => void): () => void;
}

/** Listens for the signals that end programs. A second one ends this program at once. */
export function listenForInterrupts(): Interrupts {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let receiver: ((signal: NodeJS.Signals) => void) | undefined;
  for (const [name, status] of Object.entries(SIGNALS) as [keyof typeof SIGNALS, number][]) {
    process.on(name, () => {
      if (receiver) return receiver(name);
      if (exitCode !== undefined) process.exit(exitCode);
      exitCode = status;
      controller.abort(new SkerryError("SKE-INTERRUPTED", `Stopped by ${name} before it was done`));
    });
  }
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    divert(next) {
      receiver = next;
      return () => {
        receiver = undefined;
      };
    },
  };
}
