import type { OperationEvent } from "../../core/event.ts";
import type { Configuration, OpenOptions, Skerry } from "../../index.ts";
import type { Output } from "../output/output.ts";
import { type Reporter, reportTo } from "../output/reporter.ts";
import { isTerminal } from "../output/terminal.ts";

/** Engines beside those that come with Skerry, by name. */
export type Engines = NonNullable<OpenOptions["engines"]>;

/** How the library is opened for one command line. */
export interface LibraryInit {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** `--home` */
  readonly home: string | undefined;
  readonly engines: Engines;
  readonly signal: AbortSignal;
  readonly output: Output;
}

/** The library behind the command line: loaded and opened when a verb first asks for it, once. */
export class Library implements Disposable {
  readonly #init: LibraryInit;
  #skerry: Promise<Skerry> | undefined;
  #reporter: Reporter | undefined;

  constructor(init: LibraryInit) {
    this.#init = init;
  }

  get cwd(): string {
    return this.#init.cwd;
  }

  get home(): string | undefined {
    return this.#init.home;
  }

  /**
   * @param flags configuration keys that the command line sets; only the first call's count
   * @param options.prune false: environments of worktrees that are gone stay, for this verb is about them
   */
  open(flags: Readonly<Record<string, unknown>> = {}, options: { readonly prune?: boolean } = {}): Promise<Skerry> {
    this.#skerry ??= this.#load(flags, options.prune ?? true);
    return this.#skerry;
  }

  /** The configuration of this folder, or of another, without the state that its project may name. */
  async config(cwd = this.#init.cwd): Promise<Configuration> {
    const { openConfig } = await import("../../index.ts");
    const { env, home } = this.#init;
    return openConfig({ cwd, env, ...(home === undefined ? {} : { home }) });
  }

  /** Shows what an operation tells. Whatever a verb doesn't listen to itself comes here. */
  readonly tell = (event: OperationEvent): void => this.#reporter?.tell(event);

  async #load(flags: Readonly<Record<string, unknown>>, prune: boolean): Promise<Skerry> {
    const { cwd, env, home, engines, signal, output } = this.#init;
    // Begun now: what follows may take long.
    this.#reporter = reportTo(output, isTerminal(2));
    const { openSkerry } = await import("../../index.ts");
    const skerry = await openSkerry({
      cwd,
      env,
      signal,
      engines,
      flags,
      onEvent: this.tell,
      ...(home === undefined ? {} : { home }),
    });
    // To load the configuration takes longer than most verbs do.
    if (await skerry.config.mentions("color")) {
      // A verb that can't do without it says what is wrong with it; the others go on.
      await skerry.config.safe().then(
        ({ values }) => {
          output.color = values.color;
        },
        () => {},
      );
    }
    if (prune) await this.#prune(skerry);
    return skerry;
  }

  /** Removes what worktrees have left behind that are gone since. It never makes the verb fail. */
  async #prune(skerry: Skerry): Promise<void> {
    const { signal, output } = this.#init;
    try {
      const { removed, moved } = await skerry.worktrees.prune({ signal });
      for (const { name, root } of removed) output.say(`removed the environment ${name}: its worktree ${root} is gone`);
      for (const { name, root } of moved)
        output.say(`repaired the environment ${name}: its worktree is in ${root} now`);
    } catch (error) {
      if (signal.aborted) throw error;
      const why = error instanceof Error ? error.message : String(error);
      this.tell({ kind: "warning", text: `What worktrees left behind that are gone could not be removed: ${why}` });
    }
  }

  [Symbol.dispose](): void {
    this.#reporter?.stop();
  }
}
