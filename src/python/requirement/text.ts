import { closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { isErrno, SkerryError, UnfitFile } from "../../core/error.ts";
import { hideSecrets } from "../../core/secrets.ts";
import { readAtMost, readWhole } from "../../platform/files.ts";

/** The largest requirements file, in bytes. */
export const FILE_LIMIT = 4 * 1024 * 1024;

/** The error for a requirement or file that can't be understood, with passwords taken out. */
export function refuse(where: string, what: string, hint: string): SkerryError {
  return new SkerryError("SKE-PKG-REQUIREMENT", `${hideSecrets(where)}: ${hideSecrets(what)}`, {
    hint,
    details: { where: hideSecrets(where) },
  });
}

/** The absolute path of a requirements or constraints file, or the address that it has in the place of one. */
export function placeOf(path: string, cwd: string): string {
  return /^https?:/i.test(path) ? path : resolve(cwd, path);
}

/**
 * The text of a requirements, project or lock file.
 * @param from the place that names it
 * @param limit in bytes
 * @throws SKE-PKG-REQUIREMENT
 */
export function readText(path: string, from: string | undefined, limit = FILE_LIMIT): string {
  let bytes: Buffer;
  try {
    // What a shell's <(…) gives is a pipe, and waited for.
    bytes = /^\/dev\/(fd\/\d+|null)$/.test(path) ? readPassed(path, limit) : readWhole(path, limit);
  } catch (error) {
    if (error instanceof SkerryError) throw error;
    const unfit = isErrno(error, "EISDIR") ? new UnfitFile() : error;
    if (unfit instanceof UnfitFile) {
      if (from !== undefined) throw refuse(from, `the file ${path} ${unfit.clause}`, unfit.hint);
      const { clause, hint } = unfit;
      throw new SkerryError("SKE-PKG-REQUIREMENT", `${path} ${clause}`, { hint, details: { where: path } });
    }
    const why = `can't be read: ${isErrno(error, "ENOENT", "ENOTDIR") ? "no such file" : (error as Error).message}`;
    if (from === undefined) throw refuse(path, `the file ${why}`, "check its path");
    throw refuse(from, `the file ${path} ${why}`, "check its path; nested files count from the file that names them");
  }
  return decode(bytes);
}

function readPassed(path: string, limit: number): Buffer {
  const fd = openSync(path, "r");
  try {
    const bytes = readAtMost(fd, { size: 0 }, limit + 1);
    if (bytes.length <= limit) return bytes;
    throw new UnfitFile(limit);
  } finally {
    closeSync(fd);
  }
}

/** UTF-8 unless a byte order mark or a comment as in PEP 263 says otherwise. */
export function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  const head = bytes.subarray(0, 200).toString("latin1").split(/\r?\n/, 2).join("\n");
  const name = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/m.exec(head)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(name.replaceAll("_", "-").replace(/^latin-/i, "latin") as "utf-8").decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
