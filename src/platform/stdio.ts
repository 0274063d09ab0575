import { writeSync } from "node:fs";
import { isErrno } from "../core/error.ts";

/** Exit status of a program that SIGPIPE ended. */
const BROKEN_PIPE = 141;

/** Writes to standard output, whole, before it returns. Ends this process quietly when nobody reads it any more. */
export function writeOut(text: string): void {
  writeAll(1, text);
}

/** Writes to standard error, as {@link writeOut} does. */
export function writeErr(text: string): void {
  writeAll(2, text);
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if (isErrno(error, "EPIPE")) process.exit(BROKEN_PIPE);
      if (!isErrno(error, "EAGAIN", "EINTR")) throw error;
      // Someone who shares the pipe made it non-blocking, and its reader is slow.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}
