import { writeSync } from "node:fs";
import { isErrno } from "../core/error.ts";

const idle = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of a text to standard output before it returns. @throws EPIPE when nobody reads any more */
export function writeOut(text: string): void {
  writeAll(1, text);
}

/** Writes all of a text to standard error before it returns. */
export function writeErr(text: string): void {
  writeAll(2, text);
}

function writeAll(fd: number, text: string): void {
  for (let rest: Uint8Array = Buffer.from(text); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!isErrno(error, "EAGAIN")) throw error;
      // The other end of a pipe was made non-blocking by someone else, and is full.
      Atomics.wait(idle, 0, 0, 5);
    }
  }
}
