import { resolveUserHome } from "../config/home.ts";
import { findTrustRequest } from "../config/load.ts";
import { type Located, locateConfig } from "../config/locate.ts";
import { readTaskFiles, requestTaskTrust, taskRoot } from "../config/task-files.ts";
import type { TrustRequest } from "../config/trust.ts";
import { identifyProject } from "../git/identity.ts";
import { Ledger } from "../ledger/ledger.ts";
import { ensureState, statePaths } from "../platform/paths.ts";
import { REQUEST_KIND } from "./lifecycle/cached-request.ts";

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
  return new ProjectTrust(located, at.env, new Ledger(paths.db));
}

/** The user's trust in what this folder's project sets of its own. */
export class ProjectTrust {
  readonly #located: Located;
  readonly #env: Readonly<NodeJS.ProcessEnv>;
  readonly #ledger: Ledger;

  /** Made by {@link openTrust}. */
  constructor(located: Located, env: Readonly<NodeJS.ProcessEnv>, ledger: Ledger) {
    this.#located = located;
    this.#env = env;
    this.#ledger = ledger;
  }

  /** What the project asks to be trusted with; undefined when there is nothing to trust. */
  request(): Promise<TrustRequest | undefined> {
    return findTrustRequest(this.#located, this.#env);
  }

  /** What it takes to run the tasks that files of other tools name; undefined where they name none. @throws SKE-CONFIG */
  async taskRequest(): Promise<TrustRequest | undefined> {
    return requestTaskTrust(readTaskFiles(this.#located, this.#env));
  }

  /** Whether what the project's configuration sets now is trusted; true when there is nothing to trust. */
  async isTrusted(): Promise<boolean> {
    const request = await this.request();
    return request === undefined || this.#ledger.trust.has(request.digest);
  }

  /** Trusts what {@link request} and {@link taskRequest} gave. */
  async add(requests: readonly TrustRequest[]): Promise<void> {
    for (const { digest, body } of requests) this.#ledger.trust.add(digest, body);
  }

  /**
   * Trusts the project no more, whatever it set when it was trusted. The answers to requests go too: the warm path
   * would start from them without asking for trust.
   * @returns false when nothing of it was trusted
   */
  async revoke(): Promise<boolean> {
    const { root, repositoryRoot } = taskRoot(this.#located, this.#env);
    const { anchor, within } = identifyProject(root, repositoryRoot);
    const { trust, cache } = this.#ledger;
    return this.#ledger.write(() => {
      const own = trust.list().filter(({ body }) => {
        const known = body as { readonly anchor?: unknown; readonly within?: unknown };
        return known.anchor === anchor && known.within === within;
      });
      for (const { digest } of own) trust.remove(digest);
      if (own.length > 0) cache.clear(REQUEST_KIND);
      return own.length > 0;
    });
  }

  /** Everything that the user trusts, oldest first. */
  async list(): Promise<ReturnType<Ledger["trust"]["list"]>> {
    return this.#ledger.trust.list();
  }
}
