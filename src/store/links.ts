import { dirname } from "node:path";
import { SkerryError } from "../core/error.ts";
import type { PackageMode } from "../core/spec.ts";
import { statOf } from "./damage.ts";
import type { Tree } from "./shapes.ts";
import { readFileRows } from "./tree.ts";

/**
 * Tells of folders of a prefix, relative to it, which link leads to them: what would be written or removed there is
 * somebody else's. Each folder is looked at once.
 */
export function linkFinder(prefix: string): (folder: string) => string | undefined {
  const known = new Map<string, string | undefined>([[".", undefined]]);
  const find = (folder: string): string | undefined => {
    if (known.has(folder)) return known.get(folder);
    const above = find(dirname(folder));
    const found = above ?? (statOf(`${prefix}/${folder}`)?.isSymbolicLink() ? folder : undefined);
    known.set(folder, found);
    return found;
  };
  return find;
}

/**
 * Refuses to change trees in a prefix that has a link in the place of one of their folders.
 * @param place of a thin one, only what it has itself of shared trees is looked at
 * @throws SKE-IO
 */
export function refuseLinks(
  place: { readonly prefix: string; readonly sitePackages: string; readonly mode: PackageMode },
  trees: readonly Tree[],
): void {
  const { prefix, sitePackages, mode } = place;
  const find = linkFinder(prefix);
  const folders = function* () {
    yield sitePackages;
    for (const tree of trees)
      for (const [path] of mode === "thin" && !tree.private ? tree.apart : readFileRows(tree)) yield dirname(path);
  };
  for (const folder of folders()) {
    const link = find(folder);
    if (link === undefined) continue;
    const what = `Could not change the packages in ${prefix}: its ${link} is a link, and would lead elsewhere`;
    throw new SkerryError("SKE-IO", what, {
      hint: "remove the link; skerry repair then puts the files of packages there",
      details: { path: `${prefix}/${link}` },
    });
  }
}
