import { exists, ioError } from "../../platform/files.ts";
import { moveFolder } from "../../platform/move.ts";
import type { FileDrift } from "../../store/file-drift.ts";
import type { PackageDrift } from "./drift.ts";

/** Whether something in a folder of the prefix was put there or changed by hand. */
export function holdsMore({ distributions, files }: PackageDrift, folder: string): boolean {
  const isByHand = ({ what, path }: FileDrift) =>
    (what === "edited" || what === "extra" || what === "changed") && path.startsWith(`${folder}/`);
  return distributions.some(({ present }) => present !== undefined) || files.some(isByHand);
}

/** Gives a folder a name beside it that no Python looks at. @returns its path then */
export function keepAside(folder: string): string {
  let aside = `${folder}.kept`;
  for (let n = 2; exists(aside); n++) aside = `${folder}.kept-${n}`;
  try {
    moveFolder(folder, aside);
  } catch (error) {
    throw ioError("keep what was put there by hand of", folder, error);
  }
  return aside;
}
