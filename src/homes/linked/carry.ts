import { chmodSync, copyFileSync, cpSync, lstatSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ByHand, PackageHost, PackageState } from "../../core/package-home.ts";
import type { PackageMode } from "../../core/spec.ts";
import { fileTime, setFileTime } from "../../platform/file-time.ts";
import { ioError, readWhole } from "../../platform/files.ts";
import { relocateScript } from "../../python/scripts.ts";
import { expectedPackages, foreignPaths, packageDrift } from "./drift.ts";
import type { LinkedPlace } from "./linked-place.ts";

/** What another installer and the user put into a prefix, for a clone of this mode: recorded packages in its place aren't applied first. */
export function byHand(host: PackageHost, place: LinkedPlace, state: PackageState, mode: PackageMode): ByHand {
  const isFull = mode === "full" && place.mode === "full";
  const { distributions, files } = packageDrift(host, place, state, { shallow: !isFull });
  const added = distributions.filter((one) => one.present !== undefined).map((one) => one.name);
  const replaced = new Set(distributions.map(({ name }) => name));
  const own = files.filter(({ what }) => what === "extra" || what === "edited" || (isFull && what === "changed"));
  const foreign = foreignPaths(place, expectedPackages(host, place, state), new Set(added));
  const kept = state.lock.packages.filter((one) => one.directory || !replaced.has(one.name));
  return {
    paths: [...foreign, ...own.map(({ path }) => path)],
    lock: isFull && replaced.size > 0 ? { ...state.lock, packages: kept } : undefined,
  };
}

/**
 * Copies what was put into one prefix by hand to the same paths of another: files, links and folders, with their times.
 * Scripts of the first one's interpreter become scripts of the second's.
 * @param paths in the prefix; what isn't there any more is left out
 */
export function carryOver(from: string, to: string, paths: Iterable<string>): void {
  for (const path of paths) {
    const source = `${from}/${path}`;
    const stat = lstatSync(source, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    try {
      mkdirSync(dirname(`${to}/${path}`), { recursive: true });
      if (!stat.isFile()) cpSync(source, `${to}/${path}`, { ...AS_IT_IS, recursive: true });
      else copyFile(source, `${to}/${path}`, from);
    } catch (error) {
      throw ioError("copy to the clone", source, error);
    }
  }
}

const AS_IT_IS = { preserveTimestamps: true, verbatimSymlinks: true } as const;

function copyFile(source: string, target: string, prefix: string): void {
  const stat = lstatSync(source);
  const isScript = dirname(source) === `${prefix}/bin`;
  const isOurs = (program: string) => program.startsWith(`${prefix}/bin/`);
  const script = isScript ? relocateScript(readWhole(source, 2 ** 31), isOurs) : undefined;
  // Never into a file that is there: it may be a link to the store's.
  const aside = `${target}.skerry-carried`;
  if (script) writeFileSync(aside, script);
  else copyFileSync(source, aside);
  chmodSync(aside, stat.mode & 0o777);
  setFileTime(aside, fileTime(stat));
  renameSync(aside, target);
}
