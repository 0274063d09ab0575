import { readdirSync } from "node:fs";
import { isErrno } from "../../core/error.ts";
import { ioError } from "../../platform/files.ts";

/**
 * The conda packages in a prefix: name to version; none where there is no such prefix. Each has left
 * `conda-meta/NAME-VERSION-BUILD.json`, where version and build have no hyphen.
 * @throws SKE-IO
 */
export function condaPackages(prefix: string): ReadonlyMap<string, string> {
  let names: string[];
  try {
    names = readdirSync(`${prefix}/conda-meta`);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return new Map();
    throw ioError("read", `${prefix}/conda-meta`, error);
  }
  const found = names.map((name) => /^(.+)-([^-]+)-[^-]+\.json$/.exec(name));
  return new Map(found.flatMap((parts) => (parts ? [[parts[1]!, parts[2]!] as const] : [])));
}
