import type { Forced, Lock, LockedPackage } from "../core/lock.ts";
import { hideSecrets } from "../core/secrets.ts";
import type { ReadRequirements } from "../python/requirement/files.ts";
import { parseRequirement, type Requirement } from "../python/requirement/requirement.ts";
import { rootLine } from "../python/requirement/roots.ts";
import type { ResolveRequest } from "./installer.ts";
import { rootLines } from "./request-lines.ts";
import type { Resolution } from "./resolve.ts";

/**
 * Resolves requirements of which some are forced: the plain ones together, each that is forced on its own, and lays the
 * results over each other. The packages of such a lock may not fit each other; resolved again, it comes out the same.
 * @param resolve resolves a part of the request
 */
export async function resolveForced(
  read: ReadRequirements,
  forced: Forced,
  resolve: (part: Pick<ResolveRequest, "read" | "overrides" | "dependencies">) => Promise<Resolution>,
): Promise<Resolution> {
  const { overrides = [], alone = [], noDeps = [], without = [] } = forced;
  for (const line of overrides) nameOf(line);
  const lineOf = (one: Requirement) => hideSecrets(rootLine(one));
  const those = (lines: readonly string[]) => read.requirements.filter((one) => lines.includes(lineOf(one)));
  const remote = { ...read.remote, requirements: [] };
  const plain = read.requirements.filter((one) => ![...alone, ...noDeps].includes(lineOf(one)));
  const shared = overrides.length > 0 ? { overrides } : {};
  const parts: Resolution[] = [];
  if (plain.length + read.remote.requirements.length > 0)
    parts.push(await resolve({ ...shared, read: { ...read, requirements: plain } }));
  for (const one of those(alone))
    parts.push(await resolve({ ...shared, read: { ...read, requirements: [one], constraints: [], remote } }));
  const bare = those(noDeps);
  if (bare.length > 0)
    parts.push(await resolve({ read: { ...read, requirements: bare, constraints: [], remote }, dependencies: false }));
  const packages = new Map<string, LockedPackage>();
  for (const one of parts.flatMap(({ lock }) => lock.packages))
    if (!without.includes(one.name)) packages.set(one.name, one);
  const lock: Lock = {
    format: 1,
    installer: parts[0]?.lock.installer ?? "uv",
    roots: rootLines(read),
    packages: [...packages.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    forced,
  };
  // As old as its oldest part.
  return { lock, at: Math.min(...parts.map((one) => one.at), Date.now()) };
}

/** Joins what is forced already with more of it; a new override takes the place of an earlier one on the package. */
export function addForced(before: Forced | undefined, more: Forced): Forced | undefined {
  const names = new Set((more.overrides ?? []).map(nameOf));
  const kept = (before?.overrides ?? []).filter((line) => !names.has(nameOf(line)));
  const union = (key: "alone" | "noDeps" | "without") => [...new Set([...(before?.[key] ?? []), ...(more[key] ?? [])])];
  return compact({
    overrides: [...kept, ...(more.overrides ?? [])],
    alone: union("alone"),
    noDeps: union("noDeps"),
    without: union("without"),
  });
}

/**
 * What stays forced when requirements change: lines that are still roots. Asking for a package by name, or removing it,
 * ends what was forced about it.
 */
export function pruneForced(
  forced: Forced | undefined,
  roots: readonly string[],
  named: ReadonlySet<string>,
): Forced | undefined {
  const still = (lines: readonly string[] = []) => lines.filter((line) => roots.includes(line));
  return compact({
    overrides: (forced?.overrides ?? []).filter((line) => !named.has(nameOf(line))),
    alone: still(forced?.alone),
    noDeps: still(forced?.noDeps),
    without: (forced?.without ?? []).filter((name) => !named.has(name)),
  });
}

/** The package that an override is for. @throws SKE-PKG-REQUIREMENT */
function nameOf(line: string): string {
  return parseRequirement(line).name ?? line;
}

function compact(forced: Required<Forced>): Forced | undefined {
  const entries = Object.entries(forced).filter(([, list]) => list.length > 0);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Forced);
}
