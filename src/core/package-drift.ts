/** A file of an environment's packages that isn't as the store says. */
export interface FileDrift {
  /** In the prefix, or `the list of its files`; of a file that a thin environment reads through its layer, the path that it would have there. */
  readonly path: string;
  /** Normalised name of the package that it belongs to; undefined for what belongs to none. */
  readonly package: string | undefined;
  /**
   * `damaged`: the store's own file was changed, and with it that of every environment that links to it. `edited`: a
   * writable copy that is there to be changed, such as configuration and certificates. `extra`: it belongs to no package.
   */
  readonly what: "missing" | "changed" | "damaged" | "edited" | "extra";
}

/** A distribution that differs from the lock: put there (`recorded` undefined), taken away (`present` undefined), or of another version. */
export interface DistributionDrift {
  /** Normalised as PEP 503 says. */
  readonly name: string;
  /** The version that the lock names; empty where only a build could tell it. */
  readonly recorded: string | undefined;
  readonly present: string | undefined;
}

/** What differs between the packages that are recorded of an environment and what stands in its prefix. */
export interface PackageDrift {
  readonly distributions: readonly DistributionDrift[];
  /** Files of distributions that are there in the recorded version, and files that belong to none. */
  readonly files: readonly FileDrift[];
  /** A thin environment's link to its layer is gone or leads elsewhere, or the `.pth` file that names the link is. */
  readonly layerLost: boolean;
}

/** How closely to look. */
export interface DriftOptions {
  /** Read every file and compare contents, not only sizes and times. */
  readonly deep?: boolean | undefined;
  /** Of files, look only at those outside of site-packages: what it costs doesn't grow with packages. */
  readonly shallow?: boolean | undefined;
}

/** Nothing differs. */
export const NO_DRIFT: PackageDrift = { distributions: [], files: [], layerLost: false };

/** Whether nothing differs. */
export function isClean({ distributions, files, layerLost }: PackageDrift): boolean {
  return distributions.length + files.length === 0 && !layerLost;
}

/** Whether something is missing or spoilt; what was put there, or put in a package's place, by hand isn't. */
export function isBroken({ distributions, files, layerLost }: PackageDrift): boolean {
  return (
    layerLost ||
    distributions.some((one) => one.present === undefined) ||
    files.some(({ what }) => what === "missing" || what === "changed" || what === "damaged")
  );
}
