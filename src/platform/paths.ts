import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  readdirSync,
  type Stats,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { isErrno, SkerryError } from "../core/error.ts";
import type { StatePaths } from "../core/state-paths.ts";
import type { Variables } from "../core/variables.ts";
import { ioError } from "./files.ts";
import { gitFolderAround } from "./inside.ts";

export type { StatePaths };

/** The paths below a state folder. A relative `home` counts from the working folder. @throws SKE-CONFIG */
export function statePaths(home: string): StatePaths {
  const root = resolve(home);
  // Neither can stand in PATH or in the first line of a script, and both must be able to name what is in here.
  if (/[:\r\n]/.test(root)) {
    throw new SkerryError(
      "SKE-CONFIG",
      `${JSON.stringify(root)} can't be the state folder: it has a colon or a line break`,
      {
        hint: "name another folder with --home or SKERRY_HOME",
      },
    );
  }
  return {
    home: root,
    db: join(root, "state.db"),
    envs: join(root, "envs"),
    store: join(root, "store"),
    locks: join(root, "locks"),
    tools: join(root, "tools"),
    logs: join(root, "logs"),
    tmp: join(root, "tmp"),
  };
}

/** The user's home folder: `$HOME`, else what the system's table of users says. */
export function userHomeFolder(env: Readonly<Record<string, string | undefined>>): string {
  const home = env.HOME;
  return home && isAbsolute(home) ? home : process.getBuiltinModule("node:os").homedir();
}

/**
 * The state folder that these variables ask for: `$SKERRY_HOME`, else `$XDG_DATA_HOME/skerry`, else
 * `~/.local/share/skerry`. As the XDG Base Directory Specification says, a relative `$XDG_DATA_HOME` doesn't count.
 * @throws SKE-CONFIG
 */
export function defaultHome(env: Variables): string {
  const xdg = env.XDG_DATA_HOME;
  const data = xdg && isAbsolute(xdg) ? xdg : join(userHomeFolder(env), ".local", "share");
  return statePaths(env.SKERRY_HOME || join(data, "skerry")).home;
}

const ELSEWHERE =
  'name a folder that can be written to with --home, SKERRY_HOME or, in the configuration, home = ".skerry"';

/**
 * Makes the folders of the state, 0700 each, and checks that they are safe to use: three stats when all are there.
 * The kind of file system is looked at only when a folder has to be made. A folder that others can read is closed to
 * them if nothing else is in it; else what is the state's own in it is.
 * @returns false for a whole state on a file system that is read-only, where it can be looked at and started from
 * @throws SKE-STATE-UNSAFE when another user owns the folder, others may write to it, or it is on a network file system
 * @throws SKE-IO when it can't be made or written to
 */
export function ensureState(paths: StatePaths): boolean {
  const complete = isThere(paths.db) && isThere(paths.tmp);
  if (!complete) {
    refuseGitFolder(paths.home);
    makeDirectory(paths.home);
  }
  const { mode } = checkOwner(paths.home);
  try {
    accessSync(paths.home, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (complete && isErrno(error, "EROFS")) return false;
    throw notWritable("write to", paths.home, error);
  }
  if (!complete) {
    checkFileSystem(paths.home);
    const names = namesIn(paths.home);
    refuseForeign(paths, names);
    if (names.every((name) => OWN.test(name))) ignoreByGit(paths.home);
    for (const path of foldersOf(paths)) makeDirectory(path);
  }
  if (mode & 0o077) closeToOthers(paths.home);
  return true;
}

function notWritable(doing: string, path: string, error: unknown): unknown {
  if (!isErrno(error, "EROFS", "EACCES", "EPERM")) return ioError(doing, path, error);
  const { code, message, details } = ioError(doing, path, error);
  return new SkerryError(code, message, { details, hint: ELSEWHERE, cause: error });
}

/** What lies in a folder of git's may be taken for git's own, and goes with it. */
function refuseGitFolder(home: string): void {
  const folder = gitFolderAround(home);
  if (folder === undefined) return;
  throw new SkerryError("SKE-STATE-UNSAFE", `${home} can't be the state folder: it lies in ${folder}, which is git's`, {
    hint: "name another folder with --home or SKERRY_HOME",
  });
}

/** The folders of a state in the order in which they are made. tmp/ comes last: where it is, the others are. */
function foldersOf({ envs, store, locks, tools, logs, tmp }: StatePaths): string[] {
  return [envs, store, locks, tools, logs, tmp];
}

/** What the state folder has in it that is Skerry's own. */
const OWN = /^(state\.db(-wal|-shm|-journal)?|envs|store|locks|tools|logs|tmp|tasks|shims|reserve|\.gitignore)$/;

/** Folders of a user's project may have the same names: only a state has all of them, or nothing in any of them. */
function refuseForeign(paths: StatePaths, names: readonly string[]): void {
  const { home, db } = paths;
  const folders = names.filter((name) => OWN.test(name) && !/^(state\.db|reserve|\.gitignore)/.test(name));
  const foreign = folders.find((name) => !statSync(join(home, name)).isDirectory() || namesIn(join(home, name)).length);
  // Looked for last: another process may be making this state now.
  if (foreign === undefined || isThere(db) || foldersOf(paths).every(isThere)) return;
  const what = `${home} can't be the state folder: its ${foreign} isn't of Skerry`;
  throw new SkerryError("SKE-STATE-UNSAFE", what, {
    hint: `name a new folder with --home or SKERRY_HOME, such as ${join(home, ".skerry")}`,
  });
}

/** A state folder may lie in a repository, which has no use for it. One that has other files in it keeps its own rules. */
function ignoreByGit(home: string): void {
  try {
    writeFileSync(`${home}/.gitignore`, "*\n", { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw ioError("create", `${home}/.gitignore`, error);
  }
}

/** A folder of the user's that has other files in it stays open to whom it is open; nothing of the state in it does. */
function closeToOthers(home: string): void {
  const names = namesIn(home);
  const own = names.filter((name) => OWN.test(name) && name !== ".gitignore").map((name) => join(home, name));
  for (const path of names.every((name) => OWN.test(name)) ? [home] : own) {
    try {
      const { mode } = statSync(path);
      if (mode & 0o077) chmodSync(path, mode & 0o700);
    } catch (error) {
      // The log goes with the last who uses it.
      if (!isErrno(error, "ENOENT")) throw ioError("close to others", path, error);
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw ioError("read", folder, error);
  }
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw ioError("look at", path, error);
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw notWritable("create", path, error);
  }
}

function checkOwner(home: string): Stats {
  const stat = statSync(home);
  const me = process.geteuid?.();
  if (me !== undefined && stat.uid !== me) {
    throw new SkerryError("SKE-STATE-UNSAFE", `${home} belongs to user ${stat.uid}, and this is user ${me}`, {
      hint: `name a folder of your own with --home or SKERRY_HOME${me === 0 ? "; with sudo, use sudo -H" : ""}`,
    });
  }
  if (stat.mode & 0o022) {
    throw new SkerryError("SKE-STATE-UNSAFE", `Others may write to ${home}, and could make you run their code`, {
      hint: `chmod go-w ${home}`,
    });
  }
  return stat;
}

/**
 * `f_type` of file systems on which another machine could write at the same time, or that have no shared memory maps:
 * SQLite's write-ahead log and locks need both (statfs(2), linux/magic.h). 9p is what WSL shows Windows drives through.
 * FUSE counts as local: it tells nothing of what is behind it.
 */
const NETWORK: Readonly<Record<number, string>> = {
  26985: "NFS",
  20859: "SMB",
  4283649346: "CIFS",
  4266872130: "SMB",
  16914839: "9p",
  1397113167: "AFS",
  1799439955: "AFS",
  1937076805: "Coda",
  12805120: "Ceph",
  198183888: "Lustre",
  1196443219: "GPFS",
};

/** The name of the network file system with this `f_type`, or undefined for a local one. Linux only: other systems number them differently. */
export function networkFileSystem(type: number): string | undefined {
  return process.platform === "linux" ? NETWORK[type >>> 0] : undefined;
}

function checkFileSystem(home: string): void {
  const name = networkFileSystem(Number(statfsSync(home).type));
  if (name === undefined) return;
  throw new SkerryError(
    "SKE-STATE-UNSAFE",
    `${home} is on a network file system (${name}), where locks can't be trusted`,
    {
      hint: "name a folder on a local disk with --home or SKERRY_HOME",
    },
  );
}
