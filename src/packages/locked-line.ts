import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { LockedPackage } from "../core/lock.ts";
import { parseRoot, rootLine } from "../python/requirement/roots.ts";

/** A locked package as a line of a requirements file, without its hashes unless the address has room for one. */
export function lockedLine({ name, version, archive, vcs, directory }: LockedPackage): string {
  const fragment = (parts: readonly string[]) => (parts.length ? `#${parts.join("&")}` : "");
  if (directory) {
    const folder = pathToFileURL(join(directory.path, directory.subdirectory ?? "")).href;
    return directory.editable ? `-e ${folder}` : `${name} @ ${folder}`;
  }
  const sub = (archive ?? vcs)?.subdirectory;
  const parts = sub === undefined ? [] : [`subdirectory=${encodeURI(sub)}`];
  if (vcs) return `${name} @ ${vcs.type}+${vcs.url}@${vcs.commit}${fragment(parts)}`;
  if (!archive) return `${name}==${version}`;
  const hash = Object.entries(archive.hashes)
    .map(([kind, hex]) => `${kind}=${hex}`)
    .slice(0, 1);
  const url = archive.path === undefined ? archive.url : pathToFileURL(archive.path).href;
  return `${name} @ ${url}${fragment([...hash, ...parts])}`;
}

/** The requirement that asks for exactly a locked package, in the form of the roots of a lock. */
export function pinOf(one: LockedPackage): string {
  return rootLine(parseRoot(lockedLine(one))!);
}
