import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { newId } from "../core/names.ts";
import { checkoutsAbove, indexOf } from "../git/checkouts.ts";
import { refuseTracked } from "../git/tracked.ts";
import { exists, ioError } from "../platform/files.ts";
import { putLink } from "../platform/put.ts";

/**
 * Notes for shims that git tracks nothing of an environment, so that they needn't ask again: as long as the indexes that
 * `index-0`, `index-1` and so on lead to are older than `vouched`, there is none where `none-0` and so on lead to, and
 * `at` leads to the prefix. An index that appears counts whatever its time is: it may have been moved there.
 * @param run the environment's own folder for such notes
 * @throws SKE-ENV-TRACKED, SKE-IO
 */
export function vouchFor(prefix: string, run: string): void {
  const folder = join(run, "git");
  const aside = join(folder, `.${newId()}`);
  const vouched = join(folder, "vouched");
  try {
    mkdirSync(aside, { recursive: true, mode: 0o700 });
    // What leads elsewhere from here on is none of what it vouched for.
    rmSync(vouched, { force: true });
    // Of before the indexes are looked at: one that is written meanwhile isn't older.
    closeSync(openSync(join(aside, "vouched"), "wx", 0o600));
    const all = checkoutsAbove(dirname(prefix)).map(indexOf);
    const there = all.filter((index) => existsSync(index));
    const lead = (name: string, targets: readonly string[]) => {
      for (const [n, target] of targets.entries()) putLink(target, join(folder, `${name}-${n}`), aside);
      for (let n = targets.length; exists(join(folder, `${name}-${n}`)); n++)
        rmSync(join(folder, `${name}-${n}`), { force: true });
    };
    lead("index", there);
    lead(
      "none",
      all.filter((index) => !there.includes(index)),
    );
    putLink(prefix, join(folder, "at"), aside);
    refuseTracked(prefix);
    renameSync(join(aside, "vouched"), vouched);
  } catch (error) {
    rmSync(vouched, { force: true });
    throw ioError("note what git tracks in", folder, error);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
