import { closeSync, openSync, readSync } from "node:fs";
import { newSha256 } from "../core/json.ts";

/** SHA-256 of a file's content in hexadecimal, in constant memory. @throws the operating system's error */
export function hashFile(path: string): string {
  const hash = newSha256();
  const buffer = Buffer.allocUnsafe(1 << 20);
  const fd = openSync(path, "r");
  try {
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) hash.update(buffer.subarray(0, read));
  } finally {
    closeSync(fd);
  }
  return hash.digest("hex");
}
