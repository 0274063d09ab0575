import { availableParallelism } from "node:os";
import { SkerryError } from "../../core/error.ts";
import { EMPTY_LOCK, type Lock } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import type { ReadRequirements } from "../../python/requirement/files.ts";
import type { Installer, ResolveRequest } from "../installer.ts";
import { describeAttempt } from "./describe-attempt.ts";
import { type Item, isConstraint, readOf } from "./item.ts";

/** How many resolutions an explanation may cost, and how long the clash may be looked for. pip takes seconds for one. */
const LIMITS = { uv: { calls: 80, ms: 60_000 }, pip: { calls: 40, ms: 60_000 } };

/** Thrown when an explanation would cost too much. */
export class TooMuch extends Error {}

/** What is tried beside what is resolved: only what is asked for, or other requirements in the place of all. */
type How = Pick<ResolveRequest, "dependencies" | "overrides">;

/** What {@link Attempts} are made of. */
export interface AttemptsInit {
  readonly request: ResolveRequest;
  readonly installer: Installer;
  readonly read: ReadRequirements;
  /** All that the request asks for. */
  readonly items: readonly Item[];
  readonly op: Operation;
}

/** Resolves parts of a request, each part once, as many at a time as there are processors. */
export class Attempts implements AsyncDisposable {
  readonly request: ResolveRequest;
  readonly installer: Installer;
  readonly read: ReadRequirements;
  /** Goes with all that is started here: it is stopped with the attempts, and its own progress isn't told. */
  readonly op: Operation;
  readonly started = performance.now();
  /** The installer's words about what it refused last. */
  refused: SkerryError | undefined;
  readonly #items: readonly Item[];
  readonly #tell: Operation["tell"];
  readonly #known = new Map<string, Promise<Lock | undefined>>();
  /** Plain attempts by the texts of their items: parts of what fits fit, and what holds a part that fails fails. */
  readonly #outcomes: { readonly texts: ReadonlySet<string>; readonly fits: boolean }[] = [];
  /** Plain attempts that go on. */
  readonly #open = new Set<{ readonly texts: ReadonlySet<string>; readonly lock: Promise<Lock | undefined> }>();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #waiting: (() => void)[] = [];
  #places = availableParallelism();
  #timer: NodeJS.Timeout | undefined;
  #tried = 0;

  constructor({ request, installer, read, items, op }: AttemptsInit) {
    const { preferences: _, upgrade: __, ...rest } = request;
    this.request = { ...rest, consult: false };
    this.installer = installer;
    this.read = read;
    this.#items = items;
    this.#tell = op.tell;
    // What parts resolve to isn't what is going on.
    this.op = { ...op, signal: AbortSignal.any([op.signal, this.#stop.signal]), tell: () => {} };
    this.endIn(LIMITS[installer.name].ms);
  }

  /** Whether all was stopped. */
  get ended(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Sets when all that still goes on is stopped, and counts as {@link TooMuch}; `ms` from now. */
  endIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stop.abort(), ms);
  }

  /** Notes what is known without an attempt. */
  know(items: readonly Item[], fits: boolean): void {
    this.#outcomes.push({ texts: textsOf(items), fits });
  }

  /** Whether these can be resolved together, without a new resolution where an earlier one tells it. */
  async fits(items: readonly Item[]): Promise<boolean> {
    const texts = textsOf(items);
    const known = this.#outcomes.find((one) =>
      one.fits ? texts.isSubsetOf(one.texts) : texts.isSupersetOf(one.texts),
    );
    if (known) return known.fits;
    for (const one of [...this.#open]) if (texts.isSubsetOf(one.texts) && (await one.lock) !== undefined) return true;
    return (await this.try(items)) !== undefined;
  }

  /**
   * @returns what these resolve to; undefined when they exclude each other or something of them isn't there
   * @throws {@link TooMuch} and whatever else stands in the way: the network, a build
   */
  try(items: readonly Item[], how: How = {}): Promise<Lock | undefined> {
    const read = readOf(this.read, items);
    // pip refuses to resolve nothing.
    if (read.requirements.length + read.remote.requirements.length === 0) return Promise.resolve(EMPTY_LOCK);
    const lines = [read.requirements, read.constraints].map((some) => some.map((one) => one.text).sort());
    const key = JSON.stringify([lines, how]);
    const known = this.#known.get(key);
    if (known) return known;
    if (this.#known.size >= LIMITS[this.installer.name].calls || this.ended) return Promise.reject(new TooMuch());
    const found = this.follow(this.#resolve(items, { ...this.request, ...how, read }, how));
    if (Object.keys(how).length === 0) this.#note(items, found);
    this.#known.set(key, found);
    return found;
  }

  #note(items: readonly Item[], lock: Promise<Lock | undefined>): void {
    const one = { texts: textsOf(items), lock };
    this.#open.add(one);
    const end = (outcome?: Lock | "unknown") => {
      this.#open.delete(one);
      if (outcome !== "unknown") this.know(items, outcome !== undefined);
    };
    lock.then(end, () => end("unknown"));
  }

  /** Waits for some work when the attempts end, whoever else waits for it. */
  follow<T>(work: Promise<T>): Promise<T> {
    const end = work.then(
      () => {},
      () => {},
    );
    this.#running.add(end);
    void end.then(() => this.#running.delete(end));
    return work;
  }

  async #resolve(items: readonly Item[], request: ResolveRequest, how: How): Promise<Lock | undefined> {
    if (this.#places > 0) this.#places--;
    else await new Promise<void>((resume) => this.#waiting.push(resume));
    try {
      if (this.ended) throw new TooMuch();
      const detail = describeAttempt(items, how, this.#items);
      this.#tell({ kind: "progress", phase: "explain", detail, done: ++this.#tried });
      return await this.installer.resolve(request, this.op);
    } catch (error) {
      if (this.ended) throw new TooMuch();
      if (!(error instanceof SkerryError && /^SKE-PKG-(CONFLICT|VERSION|NOT-FOUND)$/.test(error.code))) throw error;
      this.refused = error;
      return undefined;
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#places++;
    }
  }

  /** Ends what was tried ahead and isn't needed. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#stop.abort();
    await Promise.all(this.#running);
  }
}

/** Starts something whose answer is going to be asked for again; until then nobody hears of its failure. */
export function ahead(work: Promise<unknown>): void {
  work.catch(() => {});
}

function textsOf(items: readonly Item[]): ReadonlySet<string> {
  return new Set(items.map((one) => `${isConstraint(one) ? "-c " : ""}${one.requirement.text}`));
}
