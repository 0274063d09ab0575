import type { DistributionDrift, FileDrift, PackageDrift } from "../../core/package-drift.ts";

/** How many paths of one package a line names. */
const SHOWN = 3;

/** What drifted, for people: a line for each distribution, and one for the files of each package. */
export function describeDrift({ distributions, files, layerLost }: PackageDrift): string[] {
  const groups = Map.groupBy(files, (file) => `${file.package ?? ""} ${file.what}`);
  return [
    ...(layerLost ? ["the layer of its packages is gone, or what leads to it is gone or leads elsewhere"] : []),
    ...distributions.map(describeDistribution),
    ...[...groups.values()].map(describeFiles),
  ];
}

function describeDistribution({ name, recorded, present }: DistributionDrift): string {
  if (recorded === undefined) return `${name} ${present} was put there by hand`;
  if (present === undefined) return `${`${name} ${recorded}`.trim()} is recorded and gone`;
  return `${name} ${present} was put there by hand in the place of ${recorded}`;
}

const WHAT: Readonly<Record<FileDrift["what"], readonly [one: string, several: string]>> = {
  missing: ["is missing", "are missing"],
  changed: ["was changed", "were changed"],
  damaged: ["is damaged in the store", "are damaged in the store"],
  edited: ["was edited", "were edited"],
  extra: ["belongs to no package", "belong to no package"],
};

function describeFiles(files: readonly FileDrift[]): string {
  const [first] = files;
  const owner = first!.package === undefined ? "" : `${first!.package}: `;
  const paths = files.slice(0, SHOWN).map(({ path }) => path);
  if (files.length === 1) return `${owner}${paths[0]} ${WHAT[first!.what][0]}`;
  const more = files.length > SHOWN ? " …" : "";
  return `${owner}${files.length} files ${WHAT[first!.what][1]}: ${paths.join(", ")}${more}`;
}
