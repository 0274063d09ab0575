import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { type Operation, operation, throwIfStopped, warnOf } from "../../core/operation.ts";
import type { Begun, Intent } from "../../ledger/intents.ts";
import { namePid, selfIdentity } from "../../platform/identity.ts";
import { acquireLease, type Lease, tryLease } from "../../platform/lease.ts";
import { type Context, environmentLease } from "../context.ts";
import { settle } from "./settle.ts";

/**
 * How an environment is held: together with others who only read it, alone to change it, or alone to remove it, which
 * leaves unrecovered what a killed process left half done: it is about to go.
 */
export type HoldMode = "shared" | "exclusive" | "removal";

/**
 * An environment that nobody else changes, creates or removes at the moment. The kernel's lease says so, so it ends with
 * this process, however that ends. What is done to it is an intent in the ledger from before the first touch to after
 * the last; whoever holds the environment next finds the intent of one that was killed, and settles it.
 *
 * ```text
 *            begin create          end              begin destroy
 *   (none) ───────────────▶ creating ──▶ ready ───────────────────▶ destroying ──settle──▶ (none)
 *      ▲                       │        │     ▲
 *      └────────settle─────────┘        │     │ end (done) or settle (taken back, stopped)
 *                     begin change, ────▼     │
 *                     begin repair    ready, with an intent
 * ```
 *
 * Disposing of it settles what was begun and didn't end, and gives the lease back.
 */
export class Held implements AsyncDisposable {
  readonly id: string;
  readonly #context: Context;
  readonly #lease: Lease;
  readonly #op: Operation;
  #isOpen = false;

  /** Made by {@link hold} and its like, never directly. */
  constructor(context: Context, id: string, lease: Lease, op: Operation) {
    this.#context = context;
    this.id = id;
    this.#lease = lease;
    this.#op = op;
  }

  /** As it is recorded now. @throws SKE-ENV-NOT-FOUND */
  get record(): EnvironmentRecord {
    const record = this.#context.ledger.environments.byId(this.id);
    if (record) return record;
    throw new SkerryError("SKE-ENV-NOT-FOUND", "The environment is gone", { hint: "skerry ls lists the environments" });
  }

  /** Writes down what is going to be done, in place of what was left half done. May stand inside a transaction. */
  begin(intent: Intent): void {
    const { intents } = this.#context.ledger;
    this.#isOpen = true;
    intents.end(this.id);
    intents.begin(this.id, intent, selfIdentity());
  }

  /** Writes down what has to be finished or taken back from now on. May stand inside a transaction. */
  note(intent: Intent): void {
    this.#context.ledger.intents.note(this.id, intent, selfIdentity());
  }

  /** Nothing is left to do. Call it inside the transaction that records what was done. */
  end(): void {
    this.#context.ledger.intents.end(this.id);
  }

  /** Finishes or takes back what was begun, if it didn't end. */
  async settle(op: Operation): Promise<void> {
    this.#isOpen = false;
    const left = this.#context.ledger.intents.of(this.id);
    if (left) await settle(this.#context, left, op);
  }

  /** Not with the operation that may have been stopped; and what fails here never hides why something failed before. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#isOpen) await this.settle(operation({ onEvent: this.#op.tell }));
    } catch (error) {
      // The intent stays, for whoever holds the environment next.
      warnOf(this.#op, error);
    } finally {
      this.#lease.release();
    }
  }
}

/**
 * Holds an environment; waits for those who do, and says for whom. What a killed process left half done is settled first.
 * @throws SKE-ENV-NOT-FOUND, SKE-LOCKED, SKE-ENV-BUSY while it is being created
 */
export async function hold(context: Context, id: string, mode: HoldMode, op: Operation): Promise<Held> {
  const held = await holdIfThere(context, id, mode, op);
  if (held) return held;
  throw new SkerryError("SKE-ENV-NOT-FOUND", "The environment is gone", { hint: "skerry ls lists the environments" });
}

/** {@link hold}; undefined where there is no such environment any more. */
export async function holdIfThere(
  context: Context,
  id: string,
  mode: HoldMode,
  op: Operation,
): Promise<Held | undefined> {
  throwIfStopped(op);
  const [name, leaseMode] = [environmentLease(id), mode === "shared" ? mode : "exclusive"] as const;
  // Read also when nobody has to be waited for: what is strange about the configuration is told whether or not.
  const timeoutMs = (await context.safeConfig()).lock_timeout;
  let lease = tryLease(context.paths, name, leaseMode);
  if (!lease) {
    refuseCreating(context, id);
    lease = await acquireLease(context.paths, name, { mode: leaseMode, timeoutMs, op });
  }
  if (mode !== "shared" || !context.ledger.intents.of(id)) return take(context, { id, lease, mode }, op);
  // Who only reads can't recover it.
  lease.release();
  return holdIfThere(context, id, "exclusive", op);
}

/** {@link hold} alone, without waiting; undefined where others hold it, or there is no such environment any more. */
export async function holdIfFree(
  context: Context,
  id: string,
  mode: Exclude<HoldMode, "shared">,
  op: Operation,
): Promise<Held | undefined> {
  const lease = tryLease(context.paths, environmentLease(id), "exclusive");
  return lease && take(context, { id, lease, mode }, op);
}

/** Holds an environment that isn't there yet, by an id that nobody else has. */
export async function holdNew(context: Context, id: string, op: Operation): Promise<Held> {
  const request = { mode: "exclusive", timeoutMs: (await context.safeConfig()).lock_timeout, op } as const;
  return new Held(context, id, await acquireLease(context.paths, environmentLease(id), request), op);
}

async function take(
  context: Context,
  { id, lease, mode }: { readonly id: string; readonly lease: Lease; readonly mode: HoldMode },
  op: Operation,
): Promise<Held | undefined> {
  const { ledger } = context;
  try {
    const left = ledger.intents.of(id);
    if (left) await recover(context, left, mode, op);
    if (ledger.environments.byId(id)) return new Held(context, id, lease, op);
  } catch (error) {
    lease.release();
    throw error;
  }
  lease.release();
  return undefined;
}

async function recover(context: Context, left: Begun, mode: HoldMode, op: Operation): Promise<void> {
  const { environments, intents } = context.ledger;
  // An installer that outlived its process must not go on writing.
  const { killToolsOf } = await import("../../processes/stop.ts");
  await killToolsOf(left.owner);
  const environment = environments.byId(left.environment);
  if (mode === "removal" && environment) return;
  intents.note(left.environment, left, selfIdentity());
  const outcome = await settle(context, left, op);
  if (environment) context.events.emit(op, "environment.recovered", { from: left.kind, outcome }, { environment });
}

/** Recovers an environment if a killed process left it half changed; waits for nobody. */
export async function recoverIfLeft(context: Context, id: string, op: Operation): Promise<void> {
  if (!context.ledger.intents.of(id)) return;
  await using _held = await holdIfFree(context, id, "exclusive", op);
}

/** @throws SKE-ENV-BUSY while somebody who holds the environment creates it */
function refuseCreating({ ledger }: Context, id: string): void {
  const intent = ledger.intents.of(id);
  if (intent?.kind !== "create") return;
  const name = ledger.environments.byId(id)?.name ?? id;
  throw new SkerryError("SKE-ENV-BUSY", `${name} is still being created by process ${namePid(intent.owner)}`, {
    hint: "wait for it, or end that process: what it made is then taken back",
    details: { environment: id, pid: intent.owner.pid },
  });
}
