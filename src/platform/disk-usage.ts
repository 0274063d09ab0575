import { lstatSync, readdirSync } from "node:fs";
import { isErrno } from "../core/error.ts";

/**
 * What removing folders and files would free, one after the other. A file with several names is freed with its last one:
 * it counts when all of them were added, and never while another name of it is somewhere else.
 */
export class DiskUsage {
  /** Names that weren't added yet, of files with several: by device and inode. */
  readonly #left = new Map<string, number>();

  /** Adds a file, a link, or a folder with all that is in it; nothing there is fine. @returns bytes that it would free */
  add(path: string): number {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return 0;
    // Blocks of 512 bytes, whatever the file system's own (stat(2)).
    const bytes = stat.blocks * 512;
    if (stat.isDirectory()) return bytes + this.addAll(list(path).map((name) => `${path}/${name}`));
    if (stat.nlink === 1) return bytes;
    const key = `${stat.dev}:${stat.ino}`;
    const left = (this.#left.get(key) ?? stat.nlink) - 1;
    if (left > 0) this.#left.set(key, left);
    else this.#left.delete(key);
    return left > 0 ? 0 : bytes;
  }

  /** Adds several. @returns bytes that all of them would free */
  addAll(paths: readonly string[]): number {
    return paths.reduce((sum, path) => sum + this.add(path), 0);
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    // Somebody else removes it, or may read what we may not.
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM")) return [];
    throw error;
  }
}
