import type { LayerTarget } from "../core/layer-target.ts";

/** Packages of the store that an environment uses, is about to use, or may be brought back to. */
export interface StoreRoot {
  /** Id of the environment. */
  readonly environment: string;
  /** Digest of the lock that names them. */
  readonly lock: string;
  /** The interpreter that they are for; absent: the environment's own. */
  readonly target?: LayerTarget | undefined;
}

/**
 * A table whose rows keep content alive: packages of the store, and private trees of environments. What no table in
 * the ledger's list of these names may be removed.
 */
export interface StoreRoots {
  /** Name of the table. */
  readonly table: string;
  /** What its rows name of the store. It may stand in a transaction, so it costs one query. */
  roots(): readonly StoreRoot[];
  /** The private trees of an environment that its rows name. */
  trees(environment: string): readonly string[];
}
