import type { Operation } from "../core/operation.ts";
import type { LinkMode, PackageMode } from "../core/spec.ts";
import type { Layer } from "./layer.ts";
import type { Tree } from "./shapes.ts";

/** A change of the packages in a prefix. */
export interface Change {
  /** The Python prefix, absolute; it has its interpreter's skeleton, or nothing yet. */
  readonly prefix: string;
  /** `lib/python3.12/site-packages`: the same as the trees'. */
  readonly sitePackages: string;
  readonly mode: PackageMode;
  readonly link: LinkMode;
  /** The trees that are there, and those that shall be. Private ones are copied in both modes. */
  readonly from: readonly Tree[];
  readonly to: readonly Tree[];
  /** Thin only: the layer of the shared trees in `to`; absent when there is none. */
  readonly layer?: Layer;
  readonly op: Operation;
}
