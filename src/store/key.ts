import type { LayerTarget } from "../core/engine.ts";
import { digest } from "../core/json.ts";
import type { LockedFile, LockedPackage } from "../core/lock.ts";
import { STORE_FORMAT } from "./tree.ts";

/** Keys that were asked for: a change asks for those of all its packages several times, and some have a hundred files. */
const known = new WeakMap<LockedPackage, { readonly of: string; readonly key: string | undefined }>();

/**
 * The key under which every environment finds the tree of a locked package: equal whenever what would be installed is.
 * Undefined for what has no fixed content and is never shared: project folders, and local files without a hash.
 */
export function treeKey(pkg: LockedPackage, target: LayerTarget, installer: string): string | undefined {
  const { implementation, version, abi, platform, libc } = target;
  const of = [implementation, version, abi, platform, libc, installer].join("\n");
  const before = known.get(pkg);
  if (before?.of === of) return before.key;
  const key = keyOf(pkg, target, installer);
  known.set(pkg, { of, key });
  return key;
}

function keyOf(pkg: LockedPackage, target: LayerTarget, installer: string): string | undefined {
  const source = sourceIdentity(pkg);
  if (source === undefined) return undefined;
  const { implementation, version, abi, platform, libc } = target;
  return digest({
    format: STORE_FORMAT,
    target: { implementation, version, abi, platform, libc },
    installer,
    name: pkg.name,
    version: pkg.version,
    source,
  });
}

function sourceIdentity(pkg: LockedPackage): unknown {
  if (pkg.directory) return undefined;
  if (pkg.vcs) return { url: pkg.vcs.url, commit: pkg.vcs.commit, subdirectory: pkg.vcs.subdirectory };
  if (pkg.archive) {
    const file = fileIdentity(pkg.archive);
    return file && { file, subdirectory: pkg.archive.subdirectory };
  }
  const files: string[] = [];
  for (const file of [...(pkg.wheels ?? []), ...(pkg.sdist ? [pkg.sdist] : [])]) {
    const identity = fileIdentity(file);
    if (identity === undefined) return undefined;
    files.push(identity);
  }
  return files.length === 0 ? undefined : { files: files.sort() };
}

function fileIdentity(file: LockedFile): string | undefined {
  const hashes = Object.entries(file.hashes).map(([algorithm, value]) => `${algorithm}:${value}`);
  if (hashes.length > 0) return hashes.sort().join(" ");
  return file.url;
}

/** The key of the layer that holds exactly these trees. */
export function layerKey(treeKeys: readonly string[]): string {
  return digest({ format: STORE_FORMAT, trees: [...treeKeys].sort() });
}
