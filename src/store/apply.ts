import { mkdirSync } from "node:fs";
import type { Operation } from "../core/operation.ts";
import { throwIfStopped } from "../core/operation.ts";
import type { LinkMode, PackageMode } from "../core/spec.ts";
import { ioError, removeTree } from "../platform/files.ts";
import { STAGE } from "../python/own-paths.ts";
import { applyFull } from "./apply-full.ts";
import { applyThin } from "./apply-thin.ts";
import type { Layer } from "./layer.ts";
import type { ChangeReport } from "./report.ts";
import type { Tree } from "./tree.ts";

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

/**
 * Moves a prefix from one set of trees to another. It can be run again, or with `from` and `to` exchanged, after it was
 * stopped at any moment, and leads to exactly the files of `to`: so an interrupted change is finished or undone. What the
 * user put there stays, and is told as drift, unless it belongs to a distribution that changes.
 * The caller holds the environment's lease.
 * @throws SKE-STORE-DAMAGED (see damageOf) before anything is removed, when files of `to` differ from their manifest
 * @throws SKE-IO
 */
export async function applyChange(change: Change): Promise<ChangeReport> {
  throwIfStopped(change.op);
  try {
    // What a killed change left, or a link.
    await removeTree(`${change.prefix}/${STAGE}`);
    mkdirSync(`${change.prefix}/${change.sitePackages}`, { recursive: true });
    return change.mode === "thin" ? await applyThin(change) : await applyFull(change);
  } catch (error) {
    throw ioError("change the packages in", change.prefix, error);
  }
}
