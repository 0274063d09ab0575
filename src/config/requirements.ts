import { realpathSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { SkerryError } from "../core/error.ts";
import { sha256 } from "../core/json.ts";
import { EMPTY_REQUIREMENTS } from "../core/spec.ts";
import { exists } from "../platform/files.ts";
import { readProjectFile } from "../project/files.ts";
import { projectFileKind } from "../python/project-files.ts";
import { readRequirements } from "../python/requirement/files.ts";
import { decode, FILE_LIMIT, refuse } from "../python/requirement/text.ts";
import type { Environment } from "./locate.ts";

/**
 * True for an entry that names a package of an index, with extras, versions, a marker and hashes at most. It is read as
 * what is installed is read, and installers are given what was read.
 */
export function namesPackage(entry: string): boolean {
  try {
    return readRequirements({ ...EMPTY_REQUIREMENTS, requirements: [entry] }, "/", {}).strong.length === 0;
  } catch (error) {
    if (error instanceof SkerryError) return false;
    throw error;
  }
}

/** A line of a requirements file that does more than to name packages. */
export interface StrongLine {
  readonly file: string;
  readonly line: string;
}

/** The largest file that counts whole, in bytes: locks of large projects have some megabytes. */
const WHOLE_LIMIT = 32 * 1024 * 1024;

/**
 * The lines of requirements files, and of those that they name, that can run programs or redirect what is fetched: other
 * indexes, addresses, paths, options. A file that is missing has none; one that lies outside of `root` counts as such a
 * line with its content, and so does a project or lock file, whatever it holds.
 * @param files absolute
 * @param env for `${NAME}`
 * @throws SKE-PKG-REQUIREMENT for a file that can't be understood: nothing will be installed from it
 * @throws SKE-CONFIG-UNTRUSTED for one of another user, and for a link that leads out of `root`
 */
export function strongLines(files: readonly string[], root: string, env: Environment): readonly StrongLine[] {
  const found: StrongLine[] = [];
  const isInside = (path: string) => path.startsWith(root + sep);
  const open = (path: string, limit: number): string | undefined => {
    const file = readProjectFile(path, {
      limit,
      root: isInside(path) ? root : undefined,
      refuse: (why, hint) => refuse(path, why, hint),
    });
    if (file === undefined) return undefined;
    const text = decode(file.bytes);
    if (limit === WHOLE_LIMIT || !isInside(realpathSync(file.realPath)))
      found.push({ file: path, line: `(${relative(root, path)}, SHA-256 ${sha256(text)})` });
    return text;
  };
  const readFile = (path: string, from = path): string => {
    const text = open(path, FILE_LIMIT);
    if (text !== undefined) return text;
    throw refuse(from, `the file ${path} can't be read: no such file`, "check its path");
  };
  for (const file of files.filter(exists)) {
    const kind = projectFileKind(file);
    if (kind === undefined) {
      const { strong } = readRequirements({ ...EMPTY_REQUIREMENTS, files: [file] }, dirname(file), env, readFile);
      found.push(...strong.map(({ file: where = file, line }) => ({ file: where, line })));
    } else {
      open(file, WHOLE_LIMIT);
      // uv reads the project's file beside its lock.
      if (kind === "uv-lock") open(resolve(dirname(file), "pyproject.toml"), WHOLE_LIMIT);
    }
  }
  return found;
}
