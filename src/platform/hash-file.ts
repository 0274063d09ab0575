import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { UnfitFile } from "../core/error.ts";
import { type Hasher, newSha256 } from "../core/json.ts";

/**
 * The hash of a regular file's content in hexadecimal, in constant memory; a pipe or device isn't waited for.
 * @param algorithm as node:crypto names it
 * @throws the operating system's error, and one that says so for what is no regular file
 */
export function hashFile(path: string, algorithm = "sha256"): string {
  const make = () => process.getBuiltinModule("node:crypto").createHash(algorithm);
  const hash: Hasher = algorithm === "sha256" ? newSha256() : make();
  const buffer = Buffer.allocUnsafe(1 << 20);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stat = fstatSync(fd);
    // Of a folder the reading itself says what is wrong.
    if (!stat.isFile() && !stat.isDirectory()) throw Object.assign(new UnfitFile(), { syscall: "read", path });
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) hash.update(buffer.subarray(0, read));
  } finally {
    closeSync(fd);
  }
  return hash.digest("hex");
}
