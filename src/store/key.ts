import { canonicalJson, digest, sha256 } from "../core/json.ts";
import type { LayerTarget } from "../core/layer-target.ts";
import type { LockedFile, LockedPackage } from "../core/lock.ts";
import { STORE_FORMAT } from "./manifest.ts";

/** Keys that were asked for: a change asks for those of all its packages several times, and some have a hundred files. */
const known = new WeakMap<
  LockedPackage,
  { readonly of: string; readonly installer: string; readonly key: string | undefined }
>();

/**
 * The key under which every environment finds the tree of a locked package: equal whenever what would be installed is.
 * Undefined for what has no fixed content and is never shared: project folders, and local files without a hash.
 */
export function treeKey(pkg: LockedPackage, target: LayerTarget, installer: string): string | undefined {
  const of = textOf(target);
  const before = known.get(pkg);
  if (before?.of === of && before.installer === installer) return before.key;
  const key = keyOf(pkg, of, installer);
  known.set(pkg, { of, installer, key });
  return key;
}

const texts = new WeakMap<LayerTarget, string>();

/** What of a target counts, as canonical JSON, worked out once. */
function textOf(target: LayerTarget): string {
  const before = texts.get(target);
  if (before !== undefined) return before;
  const { implementation, version, abi, platform, libc } = target;
  const text = canonicalJson({ implementation, version, abi, platform, libc });
  texts.set(target, text);
  return text;
}

/** The digest of an object with these members: its canonical JSON is put together here, for a change makes hundreds. */
function keyOf(pkg: LockedPackage, target: string, installer: string): string | undefined {
  const source = sourceIdentity(pkg);
  if (source === undefined) return undefined;
  const members = [
    `"format":${STORE_FORMAT}`,
    `"installer":${JSON.stringify(installer)}`,
    `"name":${JSON.stringify(pkg.name)}`,
    `"source":${canonicalJson(source)}`,
    `"target":${target}`,
    `"version":${JSON.stringify(pkg.version)}`,
  ];
  return sha256(`{${members.join(",")}}`);
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
  const hashes = Object.keys(file.hashes).map((algorithm) => `${algorithm}:${file.hashes[algorithm]}`);
  if (hashes.length > 1) hashes.sort();
  return hashes.length > 0 ? hashes.join(" ") : file.url;
}

/** The key of the layer that holds exactly these trees. */
export function layerKey(treeKeys: readonly string[]): string {
  return digest({ format: STORE_FORMAT, trees: [...treeKeys].sort() });
}
