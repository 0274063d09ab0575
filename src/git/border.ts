// On the warm path: imports nothing.
import { statSync } from "node:fs";

/** True where a repository begins: at a `.git` file, or at a `.git` folder that has a HEAD. */
export function isRepositoryRoot(folder: string): boolean {
  const entry = statSync(`${folder}/.git`, { throwIfNoEntry: false });
  if (entry === undefined) return false;
  return entry.isFile() || statSync(`${folder}/.git/HEAD`, { throwIfNoEntry: false }) !== undefined;
}
