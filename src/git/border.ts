// On the warm path: imports nothing heavy.
import { lookAt } from "../platform/look.ts";

/** True where a repository begins: at a `.git` file, or at a `.git` folder that has a HEAD. Git passes over anything else. */
export function isRepositoryRoot(folder: string): boolean {
  const entry = lookAt(`${folder}/.git`);
  return entry?.isFile() === true || (entry?.isDirectory() === true && lookAt(`${folder}/.git/HEAD`) !== undefined);
}
