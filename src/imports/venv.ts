import { readdirSync } from "node:fs";
import { exists, readIfExists } from "../platform/files.ts";
import { parseDirectUrl } from "../python/direct-url.ts";
import { type InstalledDistribution, listDistributions, readDistribution } from "../python/dist-info.ts";
import { type Imported, nothingFrom, notUnderstood } from "./imported.ts";

/** What installers put into every environment: nobody asked for it. */
const SEEDS = new Set(["pip", "setuptools", "wheel"]);

/**
 * A virtual environment, whoever made it: its Python, and the packages that were asked for by name with the versions of
 * all. Asked for are those that an installer marked so (REQUESTED), or all where none is marked.
 * @param prefix absolute
 */
export function importVenv(prefix: string): Imported {
  const settings = readIfExists(`${prefix}/pyvenv.cfg`);
  if (settings === undefined)
    throw notUnderstood(prefix, "there is no pyvenv.cfg in it, so it is no virtual environment");
  const version = /^[ \t]*version(?:_info)?[ \t]*=[ \t]*(\d+\.\d+)/m.exec(settings)?.[1];
  const site = sitePackagesOf(prefix);
  const installed = listDistributions(site).map((one) => readDistribution(site, one.folder) ?? one);
  const isMarked = ({ folder }: InstalledDistribution) => exists(`${site}/${folder}/REQUESTED`);
  const marked = installed.filter(isMarked);
  const asked = (marked.length > 0 ? marked : installed).filter(({ name }) => !SEEDS.has(name));
  const requirements: string[] = [];
  const editables: string[] = [];
  for (const { name, folder } of asked) {
    const origin = parseDirectUrl(readIfExists(`${site}/${folder}/direct_url.json`) ?? "");
    if (origin === undefined) requirements.push(name);
    else if ("editable" in origin) editables.push(origin.editable);
    else requirements.push(`${name} @ ${origin.url}`);
  }
  return {
    ...nothingFrom(prefix),
    ...(version === undefined ? {} : { python: version }),
    requirements,
    editables,
    versions: Object.fromEntries(installed.map((one) => [one.name, one.version])),
  };
}

function sitePackagesOf(prefix: string): string {
  const folders = exists(`${prefix}/lib`) ? readdirSync(`${prefix}/lib`) : [];
  const found = folders.map((name) => `${prefix}/lib/${name}/site-packages`).find(exists);
  if (found !== undefined) return found;
  throw notUnderstood(prefix, "it has no lib/python…/site-packages");
}
