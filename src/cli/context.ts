import type { Progress } from "../core/operation.ts";
import type { Skerry } from "../index.ts";

/** How the library is opened for one command line. */
export interface LibraryInit {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** `--home` */
  readonly home: string | undefined;
  readonly signal: AbortSignal;
  /** Called when the library is first asked for: what follows may take long. */
  readonly onOpen: () => (progress: Progress) => void;
}

/** The library behind the command line: loaded and opened when a verb first asks for it, once. */
export class Library {
  readonly #init: LibraryInit;
  #skerry: Promise<Skerry> | undefined;

  constructor(init: LibraryInit) {
    this.#init = init;
  }

  get cwd(): string {
    return this.#init.cwd;
  }

  get home(): string | undefined {
    return this.#init.home;
  }

  /** @param flags configuration keys that the command line sets; only the first call's count */
  open(flags: Readonly<Record<string, unknown>> = {}): Promise<Skerry> {
    this.#skerry ??= this.#load(flags);
    return this.#skerry;
  }

  async #load(flags: Readonly<Record<string, unknown>>): Promise<Skerry> {
    const { cwd, env, home, signal, onOpen } = this.#init;
    const { openSkerry } = await import("../index.ts");
    return openSkerry({ cwd, env, signal, flags, onProgress: onOpen(), ...(home === undefined ? {} : { home }) });
  }
}
