import { readdirSync } from "node:fs";
import { listDistributions } from "../../python/dist-info.ts";
import { recordedPaths } from "../../store/plan.ts";
import type { Expected } from "./drift.ts";

/** Files of distributions of these names in an environment's own site-packages that another installer put there. */
export function foreignPaths(
  { layers, trees }: Pick<Expected, "layers" | "trees">,
  names: ReadonlySet<string>,
): string[] {
  const { prefix, sitePackages, mode } = layers;
  const ours = new Set(trees.filter((tree) => mode === "full" || tree.private).map(({ distInfo }) => distInfo));
  return listDistributions(`${prefix}/${sitePackages}`)
    .filter(({ name, folder }) => names.has(name) && !ours.has(folder))
    .flatMap((one) => [
      ...recordedPaths(prefix, sitePackages, one),
      // What an installer writes beside RECORD isn't always listed in it.
      ...readdirSync(`${prefix}/${sitePackages}/${one.folder}`).map((file) => `${sitePackages}/${one.folder}/${file}`),
    ]);
}
