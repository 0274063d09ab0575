import { facetOf } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import { canonicalJson } from "../../core/json.ts";
import type { LayerTarget } from "../../core/layer-target.ts";
import type { PackageMode } from "../../core/spec.ts";
import { layerKey, treeKey } from "../../store/key.ts";
import { listStore } from "../../store/upkeep.ts";
import { type Context, realizedOf } from "../context.ts";

/**
 * What of the store is in use: by environments, and by creations and changes that are going on. Whoever is going to use
 * a lock's trees has said so in the ledger, in a record or an intent, before it first looks for them in the store. So
 * what collection takes out of the store inside a transaction in which nothing here holds it can't be missed: whoever
 * comes later looks for it later, finds it gone and makes it anew.
 */
export class StoreUse {
  /** Digests of the locks that are in use. */
  readonly locks = new Set<string>();
  readonly #context: Context;
  /** Ids of environments with the digests of locks, and the interpreters that these are for. */
  readonly #seen = new Set<string>();
  /** What environments of one lock, interpreter and mode use together, and when one of them was last used. */
  readonly #sets = new Map<string, { readonly keys: readonly string[]; usedAt: number }>();
  readonly #holders = new Map<string, Set<string>>();
  readonly #holdings = new Map<string, Set<string>>();

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * Takes in what was recorded since the last call: the first costs a look at every environment, the next ones so
   * little that they may stand in a transaction. Environments that went meanwhile still count.
   * @throws SKE-ENGINE-UNKNOWN for an environment of which it can't be told
   */
  refresh(): void {
    const { ledger } = this.#context;
    for (const { environment, lock, target } of ledger.roots()) {
      const name = `${environment} ${lock} ${target ? canonicalJson(target) : ""}`;
      if (this.#seen.has(name)) continue;
      const record = ledger.environments.byId(environment);
      // Outside of a transaction it may be gone by now.
      if (record) this.#follow(record, lock, target);
      this.#seen.add(name);
    }
  }

  #follow(record: EnvironmentRecord, lock: string, target?: LayerTarget): void {
    this.locks.add(lock);
    const layers = facetOf(realizedOf(this.#context, record), "layers");
    const known = target ?? (layers.ok ? layers.use.target.identity : undefined);
    if (!known) {
      this.hold(record.id, this.#likeThose(lock));
      return;
    }
    const name = `${lock} ${record.spec.mode} ${canonicalJson(known)}`;
    const set = this.#sets.get(name) ?? { keys: this.#keysOf(lock, known, record.spec.mode), usedAt: 0 };
    set.usedAt = Math.max(set.usedAt, record.usedAt);
    this.#sets.set(name, set);
    this.hold(record.id, [name]);
    this.hold(name, set.keys);
  }

  /** Keys of all in the store that may be of a lock, whatever interpreter it was for. */
  #likeThose(digest: string): string[] {
    const { ledger, paths } = this.#context;
    const names = new Set((ledger.locks.get(digest)?.packages ?? []).map((one) => `${one.name}==${one.version}`));
    const entries = listStore(paths);
    const trees = entries.filter(({ kind, name }) => kind === "tree" && names.has(name)).map(({ key }) => key);
    const layers = entries.filter(
      ({ kind, trees: own }) => kind === "layer" && own.every((key) => trees.includes(key)),
    );
    return [...trees, ...layers.map(({ key }) => key)];
  }

  #keysOf(digest: string, target: LayerTarget, mode: PackageMode): string[] {
    const lock = this.#context.ledger.locks.get(digest);
    const trees = (lock?.packages ?? []).flatMap((one) => treeKey(one, target, lock!.installer) ?? []);
    return mode === "thin" && trees.length > 0 ? [layerKey(trees), ...trees] : trees;
  }

  /** Says that somebody, known by any id, uses what has these keys. */
  hold(holder: string, keys: Iterable<string>): void {
    const holdings = this.#holdings.get(holder) ?? new Set();
    this.#holdings.set(holder, holdings);
    for (const key of keys) {
      holdings.add(key);
      const holders = this.#holders.get(key);
      if (holders) holders.add(holder);
      else this.#holders.set(key, new Set([holder]));
    }
  }

  isHeld(key: string): boolean {
    return this.#holders.has(key);
  }

  /** When environments last used what they have of the store, by key, in milliseconds since 1970. */
  lastUses(): Map<string, number> {
    const uses = new Map<string, number>();
    for (const { keys, usedAt } of this.#sets.values())
      for (const key of keys) uses.set(key, Math.max(usedAt, uses.get(key) ?? 0));
    return uses;
  }

  /** Says that a holder is gone. @returns the keys that nobody holds now */
  release(holder: string): string[] {
    const free: string[] = [];
    for (const key of this.#holdings.get(holder) ?? []) {
      const holders = this.#holders.get(key)!;
      holders.delete(holder);
      if (holders.size > 0) continue;
      this.#holders.delete(key);
      if (this.#sets.has(key)) free.push(...this.release(key));
      else free.push(key);
    }
    this.#holdings.delete(holder);
    return free;
  }
}
