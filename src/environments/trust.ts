import { resolveUserHome } from "../config/home.ts";
import { findTrustRequest } from "../config/load.ts";
import { type Located, locateConfig } from "../config/locate.ts";
import type { TrustRequest, TrustStore } from "../config/trust.ts";
import { Ledger } from "../ledger/ledger.ts";
import { ensureState, statePaths } from "../platform/paths.ts";

/**
 * Opens the user's trust in the project of a folder, without opening the state that the project may want elsewhere.
 * @throws SKE-STATE-UNSAFE, SKE-STATE-CORRUPT, SKE-CONFIG
 */
export async function openTrust(at: {
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly home?: string;
}): Promise<ProjectTrust> {
  const located = locateConfig(at);
  const paths = statePaths(await resolveUserHome(located, at.env, { home: at.home }));
  ensureState(paths);
  return new ProjectTrust(located, at.env, new Ledger(paths.db).trust);
}

/** The user's trust in what this folder's project sets of its own. */
export class ProjectTrust {
  readonly #located: Located;
  readonly #env: Readonly<NodeJS.ProcessEnv>;
  readonly #store: TrustStore;

  constructor(located: Located, env: Readonly<NodeJS.ProcessEnv>, store: TrustStore) {
    this.#located = located;
    this.#env = env;
    this.#store = store;
  }

  /** What the project asks to be trusted with; undefined when there is nothing to trust. */
  request(): Promise<TrustRequest | undefined> {
    return findTrustRequest(this.#located, this.#env);
  }

  /** Trusts what the project sets now. @returns what was trusted; undefined when there was nothing to trust */
  async add(): Promise<TrustRequest | undefined> {
    const request = await this.request();
    if (request) this.#store.add(request.digest, request.body);
    return request;
  }

  /** Takes the trust in what the project sets now back. @returns false when there was none */
  async revoke(): Promise<boolean> {
    const request = await this.request();
    return request !== undefined && this.#store.remove(request.digest);
  }

  /** Everything that the user trusts, oldest first. */
  list(): ReturnType<TrustStore["list"]> {
    return this.#store.list();
  }
}
