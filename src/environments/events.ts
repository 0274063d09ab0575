import { SkerryError } from "../core/error.ts";
import type { EventData, EventKind, RecordedEvent, SkerryEvent } from "../core/event.ts";
import { tellListener } from "../core/listener.ts";
import type { Operation } from "../core/operation.ts";
import { pause } from "../core/pause.ts";
import { hideSecrets } from "../core/secrets.ts";
import type { EventFilter } from "../ledger/events.ts";
import type { Ledger } from "../ledger/ledger.ts";

/** How often the ledger is looked at for events of other processes, in milliseconds. */
const POLL_MS = 200;

/** Facts told by all processes. */
export interface Events {
  /** Calls `listener` for each event of this process, after it happened. Dispose the result to stop. */
  on(listener: (event: RecordedEvent) => void): Disposable;
  /** Events of all processes, in the order they were told. */
  list(filter?: EventFilter): Promise<RecordedEvent[]>;
  /** Events of all processes from now on (or after `after`), as they are told, until the signal. */
  follow(options?: FollowOptions): AsyncGenerator<RecordedEvent>;
}

/** Which events to follow. */
export interface FollowOptions {
  /** Those behind the one of this number, those of before included; absent: those that come. */
  readonly after?: number;
  /** Only those of the environment with this id. */
  readonly environment?: string;
  readonly signal?: AbortSignal;
}

/** Tells facts: to the ledger, where other processes read them, and to the listeners of this process. */
export class EventBus implements Events {
  readonly #ledger: Ledger;
  readonly #listeners = new Set<(event: RecordedEvent) => void>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /**
   * Writes an event; call it inside the transaction that makes the fact true.
   * @returns tells it; call it once the transaction is committed
   */
  record<K extends EventKind>(
    kind: K,
    data: EventData[K],
    about?: { readonly environment?: { readonly id: string; readonly name: string }; readonly durationMs?: number },
  ): (op: Operation) => void {
    const environment = about?.environment && { id: about.environment.id, name: about.environment.name };
    const event = {
      kind,
      time: Date.now(),
      data,
      ...(environment ? { environment } : {}),
      ...(about?.durationMs === undefined ? {} : { durationMs: about.durationMs }),
    } as SkerryEvent;
    const recorded: RecordedEvent = { ...event, seq: this.#ledger.events.append(event) };
    return (op) => {
      op.tell(recorded);
      for (const listener of this.#listeners) tellListener(listener, recorded);
    };
  }

  /** Writes and tells an event whose fact needs no transaction of its own. */
  emit<K extends EventKind>(op: Operation, ...event: Parameters<typeof this.record<K>>): void {
    this.record(...event)(op);
  }

  /** Runs an operation, and tells its failure before passing it on. */
  async tellFailure<T>(
    op: Operation,
    operation: string,
    environment: { readonly id: string; readonly name: string } | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { code, message } =
        error instanceof SkerryError ? error : { code: "SKE-INTERNAL", message: hideSecrets(String(error)) };
      try {
        this.emit(op, "operation.failed", { operation, code, message }, environment ? { environment } : undefined);
      } catch {
        // A ledger that can't be written (a full disk) must not hide why the operation failed.
      }
      throw error;
    }
  }

  on(listener: (event: RecordedEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async list(filter: EventFilter = {}): Promise<RecordedEvent[]> {
    return this.#ledger.events.list(filter);
  }

  follow(options: FollowOptions = {}): AsyncGenerator<RecordedEvent> {
    // Read now: what happens before the first event is asked for counts.
    return this.#follow({ ...options, after: options.after ?? this.#ledger.events.last() });
  }

  async *#follow(options: FollowOptions & { readonly after: number }): AsyncGenerator<RecordedEvent> {
    const { environment, signal } = options;
    const rest = () => pause(POLL_MS, signal).catch(() => undefined);
    for (let after = options.after; !signal?.aborted; await rest()) {
      const last = this.#ledger.events.last();
      if (last <= after) continue;
      const told = this.#ledger.events.list({ after, ...(environment === undefined ? {} : { environment }) });
      yield* told.filter((event) => event.seq <= last);
      after = last;
    }
  }
}
