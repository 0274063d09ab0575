import type { StatePaths } from "../platform/paths.ts";
import { trash } from "../platform/remove.ts";

/**
 * Takes a tree or layer out of the store: first its manifest, with which it ceases to exist, then its folder.
 * @returns what is to be removed now; the folder itself where it can't be moved (see trash)
 */
export function withdraw(
  paths: StatePaths,
  { manifest, root }: { readonly manifest: string; readonly root: string },
): string[] {
  return [trash(paths, manifest), trash(paths, root)].filter((path) => path !== undefined);
}
