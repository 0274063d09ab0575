import { mkdirSync } from "node:fs";
import { throwIfStopped } from "../core/operation.ts";
import { ioError } from "../platform/files.ts";
import { removeTree } from "../platform/remove.ts";
import { STAGE } from "../python/own-paths.ts";
import { applyFull } from "./apply-full.ts";
import { applyThin } from "./apply-thin.ts";
import type { Change } from "./change.ts";
import type { ChangeReport } from "./report.ts";

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
