import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** How long a line grows before it is handed out in pieces, in UTF-16 units; a piece has as much and one chunk at most. */
const LONGEST = 64 << 10;

/**
 * Calls with each line of a stream as it comes, without the line end; a carriage return ends one too. A line of more
 * than 64 KiB comes in pieces: a stream may have no line end at all.
 */
export function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  /** What has come of a line, and whether a piece of it was handed out before. */
  let rest = "";
  let isCut = false;
  /** A carriage return at the end of a chunk: whether it is one with the line break after it isn't known yet. */
  let held = "";
  const endLine = (end: string) => {
    const line = rest + end;
    if (line !== "" || !isCut) onLine(line);
    rest = "";
    isCut = false;
  };
  const read = (text: string) => {
    const lines = text.split(/\r\n|\n|\r/);
    const last = lines.pop() ?? "";
    for (const line of lines) endLine(line);
    rest += last;
    if (rest.length < LONGEST) return;
    onLine(rest);
    rest = "";
    isCut = true;
  };
  stream?.on("data", (chunk: Buffer) => {
    const text = held + decoder.write(chunk);
    held = text.endsWith("\r") ? "\r" : "";
    read(held === "" ? text : text.slice(0, -1));
  });
  stream?.on("end", () => {
    read(held + decoder.end());
    if (rest !== "") onLine(rest);
  });
}
