/** A requirement that somebody asked for. */
export interface AskedRequirement {
  /** The line, passwords taken out: `flask>=3`. */
  readonly requirement: string;
  /** Asked for now, asked for before and kept by the environment, or a line of a constraints file. */
  readonly by: "now" | "before" | "constraint";
  /** The file and line it stands in: `/path/requirements.txt:3`. */
  readonly where?: string;
}

/** One step from a package to what it requires. */
export interface RequiredStep {
  readonly package: string;
  /** Null for a project in work. */
  readonly version: string | null;
  /** Its line of `Requires-Dist`, without the marker: `werkzeug>=3.0`. */
  readonly requires: string;
}

/** How a requirement comes about: what was asked for, and which packages lead on from there. */
export interface RequirementChain {
  readonly root: AskedRequirement;
  /** Empty where what was asked for is itself what clashes. */
  readonly steps: readonly RequiredStep[];
  /** The requirement at the end, one side of the clash. */
  readonly requirement: string;
}

/** Why no version of a package will do, where one requirement alone excludes all of them. */
export interface VersionProblem {
  /**
   * `none`: no such version; `python`: those are for other versions of Python; `platform`: no file of theirs is for this
   * platform and Python; `yanked`: they were withdrawn; `prerelease`: they are pre-releases, and those weren't asked for.
   */
  readonly why: "none" | "python" | "platform" | "yanked" | "prerelease";
  /** The versions that the requirement names, newest first, at most 5. */
  readonly versions: readonly string[];
  /** What the newest of them wants of Python, or why it was withdrawn. */
  readonly says?: string;
  /** Versions that could be installed if they were asked for, newest first, at most 5. */
  readonly available: readonly string[];
}

/** Requirements of one package that can't all be met. */
export interface Clash {
  /** The package that the chains lead to; undefined where it isn't known how they exclude each other. */
  readonly package: string | undefined;
  /** At least two, or one where a requirement can't be met on its own. */
  readonly chains: readonly RequirementChain[];
  /** For a single chain. */
  readonly problem?: VersionProblem;
}

/** A change of what is asked for with which it can be installed: this was tried. */
export interface ConflictOption {
  /**
   * `relax`: a requirement with a wider bound; `drop`: without a requirement; `override`: all requirements of a package
   * are taken for another (uv only); `force`: what is asked for now is installed although others don't fit it.
   */
  readonly kind: "relax" | "drop" | "override" | "force";
  /** Requirements that change; `to` is undefined for one that goes. Empty for `force`. */
  readonly changes: readonly { readonly from: AskedRequirement; readonly to: string | undefined }[];
  /** For `override`: the lines. */
  readonly overrides?: readonly string[];
  /** A command that does it, where there is one. */
  readonly command?: string;
}

/** What `details.conflict` of a `SKE-PKG-CONFLICT` or `SKE-PKG-VERSION` error holds. */
export interface Conflict {
  /** One or more; each stands by itself. */
  readonly clashes: readonly Clash[];
  /** Without these the others can be installed: one requirement of each clash. */
  readonly drop: readonly AskedRequirement[];
  /** Least change first. */
  readonly options: readonly ConflictOption[];
}
