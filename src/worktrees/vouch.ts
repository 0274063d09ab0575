import { closeSync, mkdirSync, openSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { isErrno } from "../core/error.ts";
import { newId } from "../core/names.ts";
import { checkoutsAbove, indexOf } from "../git/checkouts.ts";
import { refuseTracked } from "../git/tracked.ts";
import { exists, ioError } from "../platform/files.ts";

/**
 * Notes for shims that git tracks nothing of an environment, so that they needn't ask again: as long as the indexes that
 * `0`, `1` and so on lead to are older than `vouched`, and `at` leads to the prefix.
 * @param run the environment's own folder for such notes
 * @throws SKE-ENV-TRACKED, SKE-IO
 */
export function vouchFor(prefix: string, run: string): void {
  const folder = join(run, "git");
  const aside = join(folder, `.${newId()}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const indexes = checkoutsAbove(dirname(prefix)).map(indexOf);
    for (const [n, index] of indexes.entries()) lead(join(folder, String(n)), index);
    for (let n = indexes.length; exists(join(folder, String(n))); n++) rmSync(join(folder, String(n)));
    lead(join(folder, "at"), prefix);
    // Of before the indexes are read: one that is written meanwhile isn't older.
    closeSync(openSync(aside, "wx", 0o600));
    refuseTracked(prefix);
    renameSync(aside, join(folder, "vouched"));
  } catch (error) {
    for (const path of [aside, join(folder, "vouched")]) rmSync(path, { force: true });
    throw ioError("note what git tracks in", folder, error);
  }
}

function lead(path: string, target: string): void {
  try {
    if (readlinkSync(path) === target) return;
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
