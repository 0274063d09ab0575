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
