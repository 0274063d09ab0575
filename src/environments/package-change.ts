/** A package as an environment has it. */
export interface InstalledPackage {
  /** Normalised as PEP 503 says. */
  readonly name: string;
  readonly version: string;
  /** Where it came from: an index, an archive, version control, a project folder, or pip used by hand. */
  readonly source: "index" | "archive" | "vcs" | "directory" | "editable" | "by-hand";
  /** Asked for by name; the others are what it requires. */
  readonly requested: boolean;
}

/** What a change of packages did: `name version` lines. */
export interface PackageChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** `name old → new` */
  readonly changed: readonly string[];
}
