import type { LinkMode, PackageMode } from "../../core/spec.ts";
import type { Target } from "../../core/target.ts";

/** A prefix on this machine that trees of files are linked into. */
export interface LinkedPlace {
  /** The environment's, for messages. */
  readonly name: string;
  readonly target: Target;
  /** The Python prefix, absolute. */
  readonly prefix: string;
  /** `lib/python3.12/site-packages`, relative to the prefix. */
  readonly sitePackages: string;
  readonly mode: PackageMode;
  readonly link: LinkMode;
  /** The folder of the environment's private trees. */
  readonly trees: string;
}
