import { LineReader } from "./lines.ts";

/** Keeps the first and the last half of a stream's bytes, so that neither memory nor the end of the output is lost. */
export class Captured {
  readonly #half: number;
  readonly #head: Uint8Array[] = [];
  #headSize = 0;
  #tail: Uint8Array[] = [];
  #tailSize = 0;
  #dropped = 0;

  readonly #lines: LineReader | undefined;

  /**
   * @param limit bytes to keep
   * @param onLine called with each line as it comes, whatever is kept of it
   */
  constructor(limit: number, onLine?: (line: string) => void) {
    this.#half = Math.floor(limit / 2);
    this.#lines = onLine && new LineReader(onLine);
  }

  /** Nothing more comes. */
  end(): void {
    this.#lines?.end();
  }

  /** Bytes left out of the middle. */
  get dropped(): number {
    return this.#dropped;
  }

  add(chunk: Uint8Array): void {
    this.#lines?.add(chunk);
    const room = this.#half - this.#headSize;
    if (room > 0) {
      const first = chunk.subarray(0, room);
      this.#head.push(first);
      this.#headSize += first.length;
    }
    const rest = chunk.subarray(Math.max(0, room));
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailSize += rest.length;
    // Joined only now and then: each byte is copied a bounded number of times.
    if (this.#tailSize > 2 * this.#half) this.#trim();
  }

  /** What was kept, as UTF-8; with a line in its place that says how much was left out, when `mark` is set. */
  text(mark = false): string {
    this.#trim();
    const gap = mark && this.#dropped > 0 ? [Buffer.from(`\n… ${this.#dropped} bytes left out …\n`)] : [];
    return Buffer.concat([...this.#head, ...gap, ...this.#tail]).toString("utf8");
  }

  #trim(): void {
    const excess = this.#tailSize - this.#half;
    if (excess <= 0) return;
    const kept = Buffer.concat(this.#tail).subarray(excess);
    this.#tail = [Uint8Array.from(kept)];
    this.#tailSize = kept.length;
    this.#dropped += excess;
  }
}
