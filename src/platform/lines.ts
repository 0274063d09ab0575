import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Calls with each line of a stream as it comes, without the line end; a carriage return ends one too. */
export function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream?.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  stream?.on("end", () => {
    rest = (rest + decoder.end()).replace(/\r$/, "");
    if (rest !== "") onLine(rest);
  });
}
