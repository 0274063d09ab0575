import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isErrno } from "../core/error.ts";
import { formatSize } from "../core/units.ts";
import { ioError, readWhole } from "../platform/files.ts";
import { normalizeName } from "./requirement/requirement.ts";

/** A distribution that is installed in a site-packages. */
export interface InstalledDistribution {
  /** Normalised as PEP 503 says. */
  readonly name: string;
  /** As METADATA has it; empty where it can't be read. */
  readonly version: string;
  /** Name of the `.dist-info` folder. */
  readonly folder: string;
}

/** Name and version in the name of a `.dist-info` folder; undefined for any other name. */
export function parseDistInfoName(folder: string): { name: string; version: string } | undefined {
  const match = /^(.+?)-([^-]+)\.dist-info$/.exec(folder);
  return match ? { name: normalizeName(match[1]!), version: match[2]! } : undefined;
}

/** The first `Name` and `Version` of a METADATA text. */
export function parseMetadata(text: string): { name?: string; version?: string } {
  const header = headerOf(text);
  const name = /^Name:[ \t]*(\S+)/im.exec(header)?.[1];
  const version = /^Version:[ \t]*(\S+)/im.exec(header)?.[1];
  return { ...(name === undefined ? {} : { name }), ...(version === undefined ? {} : { version }) };
}

/**
 * Every distribution with a `.dist-info` folder in a site-packages, by folder name. Only names are read: the version is
 * that of the folder's name. A folder that isn't there has none.
 * @throws SKE-IO
 */
export function listDistributions(sitePackages: string): InstalledDistribution[] {
  let entries: string[];
  try {
    entries = readdirSync(sitePackages);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw ioError("read", sitePackages, error);
  }
  const found: InstalledDistribution[] = [];
  for (const folder of entries.sort()) {
    const parsed = parseDistInfoName(folder);
    if (parsed) found.push({ ...parsed, folder });
  }
  return found;
}

/**
 * Name and version from the METADATA of a `.dist-info` folder, with the folder's name to fall back on.
 * Undefined when neither tells a name.
 */
export function readDistribution(sitePackages: string, folder: string): InstalledDistribution | undefined {
  const fallback = parseDistInfoName(folder);
  let metadata: { name?: string; version?: string } = {};
  try {
    metadata = parseMetadata(readWhole(join(sitePackages, folder, "METADATA")).toString("utf8"));
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENOTDIR")) throw ioError("read", join(sitePackages, folder), error);
  }
  const name = metadata.name === undefined ? fallback?.name : normalizeName(metadata.name);
  if (name === undefined) return undefined;
  return { name, version: metadata.version ?? fallback?.version ?? "", folder };
}

/** More than the metadata of any package has: a long description included, and every extra with all that it wants. */
const MOST_METADATA_BYTES = 16 * 1024 * 1024;
const MOST_REQUIREMENTS = 10_000;

/** What makes the METADATA in a `.dist-info` folder more than anybody should read; undefined for nothing. */
export function immoderate(info: string): string | undefined {
  const path = join(info, "METADATA");
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MOST_METADATA_BYTES)
    return `has ${formatSize(size)} of metadata, and may have ${formatSize(MOST_METADATA_BYTES)}`;
  const count = requiresDist(readHeader(info)).length;
  return count > MOST_REQUIREMENTS ? `names ${count} requirements, and may name ${MOST_REQUIREMENTS}` : undefined;
}

/** The header of a METADATA text: it ends with the first empty line. */
export function headerOf(text: string): string {
  return text.split(/\r?\n\r?\n/, 1)[0]!;
}

/** The header of the METADATA in a `.dist-info` folder; empty where there is none. */
export function readHeader(info: string): string {
  try {
    return headerOf(readWhole(join(info, "METADATA")).toString("utf8"));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return "";
    throw error;
  }
}

/** What the lines of a name, such as `Requires-Dist`, say in a header. */
export function headerValues(header: string, name: string): string[] {
  const lines = header.split(/\r?\n/).filter((line) => line.startsWith(`${name}:`));
  return lines.map((line) => line.slice(name.length + 1).trim()).filter(Boolean);
}

/** The lines of `Requires-Dist` in a header. */
export function requiresDist(header: string): string[] {
  return headerValues(header, "Requires-Dist");
}
