import { findTrustRequest } from "../config/load.ts";
import type { Located } from "../config/locate.ts";
import type { TrustRequest } from "../config/trust.ts";
import type { Variables } from "../core/variables.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { REQUEST_KIND } from "./lifecycle/cached-request.ts";

/** The user's trust in what this folder's project sets of its own. */
export class ProjectTrust {
  readonly #located: Located;
  readonly #env: Variables;
  readonly #ledger: () => Promise<Ledger>;

  /** Part of a `Configuration`. */
  constructor(located: Located, env: Variables, ledger: () => Promise<Ledger>) {
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
    const { readTaskFiles, requestTaskTrust } = await import("../config/task-files.ts");
    return requestTaskTrust(readTaskFiles(this.#located, this.#env));
  }

  /** Whether what the project's configuration sets now is trusted; true when there is nothing to trust. */
  async isTrusted(): Promise<boolean> {
    const request = await this.request();
    return request === undefined || (await this.#ledger()).trust.has(request.digest);
  }

  /** @throws SKE-CONFIG-UNTRUSTED for a request that isn't trusted */
  async require(request: TrustRequest | undefined): Promise<void> {
    const { requireTrust } = await import("../config/trust.ts");
    await requireTrust(request, { has: async (digest) => (await this.#ledger()).trust.has(digest) });
  }

  /** Trusts what {@link request} and {@link taskRequest} gave. */
  async add(requests: readonly TrustRequest[]): Promise<void> {
    const { trust } = await this.#ledger();
    for (const { digest, body } of requests) trust.add(digest, body);
  }

  /**
   * Trusts the project no more, whatever it set when it was trusted. The answers to requests go too: the warm path
   * would start from them without asking for trust.
   * @returns false when nothing of it was trusted
   */
  async revoke(): Promise<boolean> {
    const [{ taskRoot }, { identifyProject }] = await Promise.all([
      import("../config/task-files.ts"),
      import("../git/identity.ts"),
    ]);
    const { root, repositoryRoot } = taskRoot(this.#located, this.#env);
    const { anchor, within } = identifyProject(root, repositoryRoot);
    const ledger = await this.#ledger();
    const { trust, cache } = ledger;
    return ledger.write(() => {
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
    return (await this.#ledger()).trust.list();
  }
}
