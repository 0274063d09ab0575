import { SkerryError } from "../../core/error.ts";
import { EMPTY_LOCK, type Lock } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import type { ReadRequirements } from "../../python/requirements.ts";
import type { Installer, ResolveRequest } from "../installer.ts";
import { type Item, isConstraint, readOf } from "./item.ts";

/** How many resolutions an explanation may cost, and how long it may go on. pip takes seconds for one. */
const LIMITS = { uv: { calls: 80, ms: 60_000 }, pip: { calls: 40, ms: 90_000 } };

/** Thrown when an explanation would cost too much. */
export class TooMuch extends Error {}

/** Resolves parts of a request, each part once. */
export class Attempts {
  readonly request: ResolveRequest;
  readonly installer: Installer;
  readonly read: ReadRequirements;
  readonly op: Operation;
  readonly #known = new Map<string, Promise<Lock | undefined>>();
  /** Plain attempts by the texts of their items: parts of what fits fit, and what holds a part that fails fails. */
  readonly #outcomes: { readonly texts: ReadonlySet<string>; readonly fits: boolean }[] = [];
  readonly #until = performance.now();

  constructor(request: ResolveRequest, installer: Installer, read: ReadRequirements, op: Operation) {
    const { preferences: _, upgrade: __, ...rest } = request;
    this.request = rest;
    this.installer = installer;
    this.read = read;
    // What parts resolve to isn't what is going on.
    this.op = { ...op, report: () => {} };
  }

  /** Whether these can be resolved together, without a new resolution where an earlier one tells it. */
  async fits(items: readonly Item[]): Promise<boolean> {
    const texts = textsOf(items);
    const known = this.#outcomes.find((one) =>
      one.fits ? texts.isSubsetOf(one.texts) : texts.isSupersetOf(one.texts),
    );
    return known ? known.fits : (await this.try(items)) !== undefined;
  }

  /**
   * @returns what these resolve to; undefined when they exclude each other or something of them isn't there
   * @throws {@link TooMuch} and whatever else stands in the way: the network, a build
   */
  try(items: readonly Item[], how: Pick<ResolveRequest, "dependencies" | "overrides"> = {}): Promise<Lock | undefined> {
    const read = readOf(this.read, items);
    // pip refuses to resolve nothing.
    if (read.requirements.length + read.remote.requirements.length === 0) return Promise.resolve(EMPTY_LOCK);
    const lines = [read.requirements, read.constraints].map((some) => some.map((one) => one.text).sort());
    const key = JSON.stringify([lines, how]);
    const known = this.#known.get(key);
    if (known) return known;
    const limit = LIMITS[this.installer.name];
    if (this.#known.size >= limit.calls || performance.now() - this.#until > limit.ms)
      return Promise.reject(new TooMuch());
    const found = this.#resolve({ ...this.request, ...how, read }).then((lock) => {
      if (Object.keys(how).length === 0) this.#outcomes.push({ texts: textsOf(items), fits: lock !== undefined });
      return lock;
    });
    this.#known.set(key, found);
    return found;
  }

  async #resolve(request: ResolveRequest): Promise<Lock | undefined> {
    try {
      return await this.installer.resolve(request, this.op);
    } catch (error) {
      if (error instanceof SkerryError && /^SKE-PKG-(CONFLICT|VERSION|NOT-FOUND)$/.test(error.code)) return undefined;
      throw error;
    }
  }
}

function textsOf(items: readonly Item[]): ReadonlySet<string> {
  return new Set(items.map((one) => `${isConstraint(one) ? "-c " : ""}${one.requirement.text}`));
}
