import { factsCache } from "../engines/local.ts";
import { discoverInterpreters, findInterpreter, type Rejected } from "../python/discovery.ts";
import type { InterpreterFacts } from "../python/interpreter.ts";
import type { Context } from "./context.ts";

/** The interpreters of this machine. */
export class Pythons {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Every interpreter that can be found, and those that can't be used, with the reason. */
  list(
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<{ readonly found: readonly InterpreterFacts[]; readonly rejected: readonly Rejected[] }> {
    return discoverInterpreters(this.#where(options));
  }

  /** The interpreter that a request leads to; without one, the default of this folder. @throws SKE-PYTHON-… */
  async find(request?: string, options: { readonly signal?: AbortSignal } = {}): Promise<InterpreterFacts> {
    const wanted = request ?? (await this.#context.config()).python;
    return findInterpreter(wanted, this.#where(options));
  }

  #where(options: { readonly signal?: AbortSignal }) {
    const { env, cwd, ledger } = this.#context;
    return { env, cwd, cache: factsCache({ env, cwd, cache: ledger.cache }), op: this.#context.operation(options) };
  }
}
