const LATELY_MS = 1000;

/** Answers that are taken again for a second without asking: many environments that are made at once ask once. */
export class Lately<T> {
  readonly #known = new WeakMap<object, Map<string, { readonly value: T; readonly at: number }>>();

  /** @param owner with which the answers go, where they aren't the process's */
  get(key: string, owner: object = this): T | undefined {
    const known = this.#known.get(owner)?.get(key);
    return known && performance.now() - known.at < LATELY_MS ? known.value : undefined;
  }

  /** Keeps an answer and gives it back. */
  set(key: string, value: T, owner: object = this): T {
    const answers = this.#known.get(owner) ?? new Map();
    this.#known.set(owner, answers.set(key, { value, at: performance.now() }));
    return value;
  }
}
