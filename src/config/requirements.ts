import { lstatSync, realpathSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { isErrno, SkerryError } from "../core/error.ts";
import { sha256 } from "../core/json.ts";
import { EMPTY_REQUIREMENTS } from "../core/spec.ts";
import { projectFileKind } from "../python/project-files.ts";
import { readRequirements } from "../python/requirements.ts";
import { readText } from "../python/requirements-text.ts";
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
 * @throws SKE-CONFIG-UNTRUSTED for a link that leads out of `root`: what it holds could change unseen
 */
export function strongLines(files: readonly string[], root: string, env: Environment): readonly StrongLine[] {
  const found: StrongLine[] = [];
  const whole = (file: string, text: string) =>
    found.push({ file, line: `(${relative(root, file)}, SHA-256 ${sha256(text)})` });
  const isWithin = (path: string) => path.startsWith(root + sep);
  const read = (file: string, from?: string, limit?: number) => {
    const text = readText(file, from, limit);
    const isInside = isWithin(realpathSync(file));
    if (isWithin(file) && !isInside) throw leadsOut(file);
    if (!isInside) whole(file, text);
    return text;
  };
  for (const file of files.filter(isThere)) {
    const kind = projectFileKind(file);
    if (kind === undefined) {
      found.push(...linesOf(file, env, read));
      continue;
    }
    // uv reads the project's file beside its lock.
    const beside = kind === "uv-lock" ? [resolve(dirname(file), "pyproject.toml")].filter(isThere) : [];
    for (const one of [file, ...beside]) {
      const text = read(one, undefined, WHOLE_LIMIT);
      if (isWithin(realpathSync(one))) whole(one, text);
    }
  }
  return found;
}

function linesOf(
  file: string,
  env: Environment,
  read: (path: string, from: string | undefined) => string,
): StrongLine[] {
  const { strong } = readRequirements({ ...EMPTY_REQUIREMENTS, files: [file] }, dirname(file), env, read);
  return strong.map(({ file: where = file, line }) => ({ file: where, line }));
}

function isThere(file: string): boolean {
  try {
    lstatSync(file);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}

function leadsOut(file: string): SkerryError {
  return new SkerryError("SKE-CONFIG-UNTRUSTED", `${file} leads out of the project, to ${realpathSync(file)}`, {
    hint: "put a plain file of the project in its place; SKERRY_NO_CONFIG=1 leaves the project's files out",
    details: { file },
  });
}
