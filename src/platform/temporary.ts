// Loaded at every start.
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  type Stats,
  statSync,
} from "node:fs";
import { sha256 } from "../core/json.ts";

/**
 * Folder for the temporary files of an environment's programs. It is short wherever the state lies: the name of a socket
 * (`AF_UNIX`) has some hundred bytes, of which programs use up to seventy below TMPDIR.
 * @param place root of the environment's place: nobody else can tell it, so nobody can take the name before
 */
export function temporaryOf(place: string): string {
  return `${SYSTEM}/skerry-${sha256(place).slice(0, 12)}`;
}

/** Always there, short and shared: TMPDIR of the caller may be another at the next start. */
const SYSTEM = "/tmp";

const STICKY = 0o1000;

/**
 * Makes sure that a folder of {@link temporaryOf} is there, this user's and closed to others. One look where it is: the
 * system's folder lets nobody but its owner put something else in its place.
 * @returns false where that can't be
 */
export function claimTemporary(path: string): boolean {
  if (isOwnFolder(path)) return true;
  try {
    const { mode, uid } = statSync(SYSTEM);
    if ((uid !== 0 && uid !== process.geteuid?.()) || ((mode & 0o022) !== 0 && (mode & STICKY) === 0)) return false;
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") return false;
  }
  return close(path);
}

/** Whether this is a folder of this user's, no link, that nobody else may enter. */
export function isOwnFolder(path: string): boolean {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat !== undefined && isOwn(stat) && (stat.mode & 0o077) === 0;
  } catch {
    // Where nobody can look, nothing is anybody's.
    return false;
  }
}

function isOwn(stat: Stats): boolean {
  return stat.isDirectory() && stat.uid === process.geteuid?.();
}

/** Closes a folder of this user's to others: the umask may be an odd one, and programs may have opened it. */
function close(path: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    if (!isOwn(fstatSync(fd))) return false;
    fchmodSync(fd, 0o700);
    return true;
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
