// On the warm path: imports nothing heavy.
import { closeSync, constants, fstatSync, openSync, realpathSync, type Stats } from "node:fs";
import { sep } from "node:path";
import { isErrno, SkerryError, UnfitFile } from "../core/error.ts";
import { isOurs } from "../git/ownership.ts";
import { exists, readAtMost } from "../platform/files.ts";
import { NO_CONFIG_VARIABLE } from "./no-config.ts";

/** A file of a project as it was read, once: whoever asks twice may be told different things. */
export interface ProjectFile {
  /** Where it was looked for. */
  readonly path: string;
  /** Where it lies: another path where the first one is a symbolic link. */
  readonly realPath: string;
  /** All of it. */
  readonly bytes: Buffer;
}

/** What a file has to be in order to be read. */
export interface FileRules {
  /** The most that it may have, in bytes. */
  readonly limit: number;
  /** The folder that it must not lead out of as a symbolic link; absent: it may lead anywhere. */
  readonly root?: string | undefined;
  /** The user has named it: it may be anybody's. */
  readonly isNamed?: boolean;
  /** It is the user's own, and no project's. */
  readonly isUsers?: boolean;
  /** For people; absent: a file of a project. */
  readonly kind?: string;
  /** Whether it has to do with the caller, by its beginning; one that hasn't, or can't be opened, is passed over as if it weren't there. */
  readonly concerns?: (bytes: Buffer) => boolean;
  /** Makes the error for a file that can't be read, of a clause for people and a next step; absent: SKE-CONFIG. */
  readonly refuse?: (why: string, hint: string, cause?: unknown) => Error;
}

/**
 * Reads a file that speaks for a project: opened once, without waiting for a pipe or device, and no further than its
 * limit. It has to be a regular file that belongs to the user (see {@link isOurs}).
 * @returns undefined where there is none
 * @throws what `refuse` makes; SKE-CONFIG-UNTRUSTED for a file of another user, or a link that leads out of the root
 */
export function readProjectFile(path: string, rules: FileRules): ProjectFile | undefined {
  const { limit, concerns } = rules;
  const refuse: NonNullable<FileRules["refuse"]> =
    rules.refuse ?? ((why, hint, cause) => new SkerryError("SKE-CONFIG", `${path} ${why}`, { hint, cause }));
  const unfit = (most?: number) => {
    const { clause, hint } = new UnfitFile(most, rules.kind ?? "a file of a project");
    return refuse(clause, hint);
  };
  let opened: { readonly fd: number; readonly realPath: string };
  try {
    opened = open(path, rules.root);
  } catch (error) {
    if (error instanceof SkerryError) throw error;
    if (concerns || isErrno(error, "ENOTDIR") || (isErrno(error, "ENOENT") && !exists(path))) return undefined;
    const what = error instanceof Error ? error.message : error;
    throw refuse(`can't be opened: ${what}`, "repair or remove the file", error);
  }
  const { fd, realPath } = opened;
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) {
      if (concerns) return undefined;
      throw unfit();
    }
    const bytes = readAtMost(fd, stat, limit + 1);
    if (concerns?.(bytes) === false) return undefined;
    if (bytes.length > limit) throw unfit(limit);
    if (!rules.isNamed && !isOurs(stat)) throw foreign(path, stat, rules.isUsers);
    return { path, realPath, bytes };
  } finally {
    closeSync(fd);
  }
}

/** Without O_NONBLOCK, opening a FIFO waits for a writer; with O_NOFOLLOW, what was looked at is what is read. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

/** Opens a file where it lies. @throws SKE-CONFIG-UNTRUSTED, the operating system's error */
function open(path: string, root: string | undefined): { readonly fd: number; readonly realPath: string } {
  try {
    return { fd: openSync(path, FLAGS), realPath: path };
  } catch (error) {
    if (!isErrno(error, "ELOOP", "EMLINK")) throw error;
  }
  const realPath = realpathSync(path);
  if (root === undefined || realPath.startsWith(root === sep ? sep : root + sep))
    return { fd: openSync(realPath, FLAGS), realPath };
  const what = `${path} is a link to ${realPath}, outside of the project ${root}`;
  throw untrusted(what, "put a regular file in its place");
}

/** The text of such a file, which has to be UTF-8; a byte order mark is left out. @throws what `refuse` makes */
export function textOf({ path, bytes }: ProjectFile, refuse?: FileRules["refuse"]): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    if (refuse) throw refuse("is not UTF-8 text", "save it as UTF-8", cause);
    throw new SkerryError("SKE-CONFIG", `${path} is not UTF-8 text`, { hint: "save it as UTF-8", cause });
  }
}

function foreign(path: string, { uid }: Stats, isUsers = false): SkerryError {
  const what = `${path} belongs to another user (uid ${uid})`;
  const hint = "take it over with chown";
  return isUsers ? new SkerryError("SKE-CONFIG-UNTRUSTED", what, { hint }) : untrusted(what, hint);
}

function untrusted(what: string, hint: string): SkerryError {
  return new SkerryError("SKE-CONFIG-UNTRUSTED", what, {
    hint: `${hint}, or leave project files out with ${NO_CONFIG_VARIABLE}=1`,
  });
}
