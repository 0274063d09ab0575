import { factsCache, interpreterFor } from "../engines/local.ts";
import type { Discovery } from "../python/discovery.ts";
import type { InterpreterFacts } from "../python/interpreter.ts";
import type { Context } from "./context.ts";

/** The interpreters of this machine. */
export class Pythons {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Every interpreter that can be found, and those that can't be used, with the reason. */
  async list(options: { readonly signal?: AbortSignal } = {}): Promise<Discovery> {
    const { discoverInterpreters } = await import("../python/discovery.ts");
    const context = this.#engineContext();
    const { env, cwd } = context;
    return discoverInterpreters({ env, cwd, cache: factsCache(context), op: this.#context.operation(options) });
  }

  /** The interpreter that a request leads to; without one, the default of this folder. @throws SKE-PYTHON-… */
  async find(request?: string, options: { readonly signal?: AbortSignal } = {}): Promise<InterpreterFacts> {
    const wanted = request ?? (await this.#context.config()).python;
    return interpreterFor(wanted, this.#engineContext(), this.#context.operation(options));
  }

  #engineContext() {
    const { env, cwd, ledger } = this.#context;
    return { env, cwd, cache: ledger.cache };
  }
}
