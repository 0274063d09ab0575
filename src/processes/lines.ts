import { StringDecoder } from "node:string_decoder";

/** How long a line grows before it is handed out in pieces, in UTF-16 units; a piece has as much and one chunk at most. */
const LONGEST = 64 << 10;

/**
 * Calls with each line of what is added, as it comes, without the line end; a carriage return ends one too. A line of
 * more than 64 KiB comes in pieces: a stream may have no line end at all.
 */
export class LineReader {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  /** What has come of a line, and whether a piece of it was handed out before. */
  #rest = "";
  #isCut = false;
  /** A carriage return at the end of a chunk: whether it is one with the line break after it isn't known yet. */
  #held = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(bytes: Uint8Array): void {
    const text = this.#held + this.#decoder.write(bytes);
    this.#held = text.endsWith("\r") ? "\r" : "";
    this.#read(this.#held === "" ? text : text.slice(0, -1));
  }

  /** Nothing more comes. */
  end(): void {
    this.#read(this.#held + this.#decoder.end());
    if (this.#rest !== "") this.#onLine(this.#rest);
  }

  #read(text: string): void {
    const lines = text.split(/\r\n|\n|\r/);
    const last = lines.pop() ?? "";
    for (const line of lines) this.#endLine(line);
    this.#rest += last;
    if (this.#rest.length < LONGEST) return;
    this.#onLine(this.#rest);
    this.#rest = "";
    this.#isCut = true;
  }

  #endLine(end: string): void {
    const line = this.#rest + end;
    if (line !== "" || !this.#isCut) this.#onLine(line);
    this.#rest = "";
    this.#isCut = false;
  }
}
