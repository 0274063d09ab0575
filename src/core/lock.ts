import { digest } from "./json.ts";

/** A file that a locked package can be installed from. The field names are those of PEP 751. */
export interface LockedFile {
  readonly name: string;
  readonly url?: string;
  /** Absolute path of a local file. */
  readonly path?: string;
  /** Digests by algorithm, lower-case hexadecimal: `{ sha256: "…" }`. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly size?: number;
}

/** One package of a lock, in the shape of a `[[packages]]` table of PEP 751. Exactly one kind of source is set. */
export interface LockedPackage {
  /** Normalised as PEP 503 says. */
  readonly name: string;
  /** Null where only a build could tell it. */
  readonly version: string | null;
  /** From an index. */
  readonly wheels?: readonly LockedFile[];
  readonly sdist?: LockedFile;
  readonly index?: string;
  /** From one archive, by address or path. */
  readonly archive?: LockedFile & { readonly subdirectory?: string };
  readonly vcs?: {
    readonly type: string;
    readonly url: string;
    readonly commit: string;
    readonly requestedRevision?: string;
    readonly subdirectory?: string;
  };
  /** A project folder: never shared between environments. `path` is absolute. */
  readonly directory?: { readonly path: string; readonly editable: boolean; readonly subdirectory?: string };
}

/**
 * What was done against the requirements, on request. Every later resolution of the roots keeps to it, so that a lock
 * whose packages don't fit each other can be resolved again. Members without entries are absent.
 */
export interface Forced {
  /** Requirement lines that take the place of all others on their packages; only uv has such. */
  readonly overrides?: readonly string[];
  /** Roots that are each resolved on their own; their packages win over those of the other roots. */
  readonly alone?: readonly string[];
  /** Roots that are installed without what they require. */
  readonly noDeps?: readonly string[];
  /** Names of packages that aren't installed although others require them. */
  readonly without?: readonly string[];
}

/** Requirements resolved for one interpreter and platform. Its digest (see json.ts) is its identity. */
export interface Lock {
  readonly format: 1;
  readonly installer: "uv" | "pip";
  /** The requirement lines that were resolved, sorted. */
  readonly roots: readonly string[];
  /** Sorted by name. */
  readonly packages: readonly LockedPackage[];
  readonly forced?: Forced;
}

const digests = new WeakMap<Lock, string>();

/** The digest of a lock, worked out once. @param known what it is, where that is recorded */
export function lockDigest(lock: Lock, known?: string): string {
  const found = digests.get(lock) ?? known ?? digest(lock);
  digests.set(lock, found);
  return found;
}

/** A lock without packages. */
export const EMPTY_LOCK: Lock = { format: 1, installer: "uv", roots: [], packages: [] };

/** True when this version is the one that a lock names. What a project's folder holds tells its version only when built. */
export function isLocked(entry: LockedPackage | undefined, version: string): boolean {
  return entry !== undefined && (entry.version === null || entry.version === version || entry.directory !== undefined);
}

/** A lock that says of versions alone, by name: to be preferred in resolving, never to be installed from. */
export function lockOfVersions(versions: Readonly<Record<string, string>>): Lock {
  const packages = Object.entries(versions).map(([name, version]) => ({ name, version }));
  return { ...EMPTY_LOCK, packages: packages.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}
