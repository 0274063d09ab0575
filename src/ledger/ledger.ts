import { dirname, join } from "node:path";
import { Cache } from "./cache.ts";
import { Database } from "./database.ts";
import { Environments } from "./environments.ts";
import { Events } from "./events.ts";
import { History } from "./history.ts";
import { Intents } from "./intents.ts";
import { Locks } from "./locks.ts";
import { Processes } from "./processes.ts";
import type { StoreRoot, StoreRoots } from "./roots.ts";
import { Trust } from "./trust.ts";

/** The database `state.db`: one repository a table. Opening it makes the tables where there are none. */
export class Ledger {
  readonly db: Database;
  readonly environments: Environments;
  readonly intents: Intents;
  readonly processes: Processes;
  readonly events: Events;
  readonly locks: Locks;
  readonly history: History;
  readonly cache: Cache;
  readonly trust: Trust;
  /** The tables that keep content alive. A new one that names locks or trees comes in here. */
  readonly keeping: readonly StoreRoots[];

  /** @param isReadOnly see {@link Database.isReadOnly}; looked at when absent @throws SKE-STATE-CORRUPT, SKE-STATE-NEWER, SKE-STATE-OLDER, SKE-IO */
  constructor(file: string, isReadOnly?: boolean) {
    this.db = new Database(file, isReadOnly);
    this.environments = new Environments(this.db, join(dirname(file), "envs"));
    this.intents = new Intents(this.db);
    this.processes = new Processes(this.db);
    this.events = new Events(this.db);
    this.locks = new Locks(this.db);
    this.history = new History(this.db);
    this.cache = new Cache(this.db);
    this.trust = new Trust(this.db);
    this.keeping = [this.environments, this.history, this.intents];
  }

  /** Which state this is, wherever its folder is moved to: 16 hexadecimal digits by chance, made with the ledger. */
  get homeId(): string {
    return String(this.db.get("SELECT home_id FROM meta")!.home_id);
  }

  /** All that is in use of the store. */
  roots(): StoreRoot[] {
    return this.keeping.flatMap((table) => table.roots());
  }

  /** The private trees of an environment that are in use. */
  treesOf(environment: string): string[] {
    return this.keeping.flatMap((table) => table.trees(environment));
  }

  /** Runs `work` in one transaction over all tables. */
  write<T>(work: () => T): T {
    return this.db.write(work);
  }

  close(): void {
    this.db.close();
  }
}
