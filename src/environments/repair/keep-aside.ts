import type { FileDrift } from "../../store/file-drift.ts";
import type { PackageDrift } from "./drift.ts";

/** Whether something in a folder of the prefix was put there or changed by hand. */
export function holdsMore({ distributions, files }: PackageDrift, folder: string): boolean {
  const isByHand = ({ what, path }: FileDrift) =>
    (what === "edited" || what === "extra" || what === "changed") && path.startsWith(`${folder}/`);
  return distributions.some(({ present }) => present !== undefined) || files.some(isByHand);
}
