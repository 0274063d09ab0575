import { hideSecrets } from "../../core/secrets.ts";
import type { ReadRequirements } from "../../python/requirement/files.ts";
import { parseRequirement, type Requirement } from "../../python/requirement/requirement.ts";
import { rootLine } from "../../python/requirement/roots.ts";
import type { AskedRequirement, RequiredStep, RequirementChain } from "./conflict.ts";

/** A requirement that takes part in a conflict, and how it came about. */
export interface Item {
  readonly requirement: Requirement;
  readonly root: AskedRequirement;
  readonly steps: readonly RequiredStep[];
}

/** All that was asked for, each line once, the constraints last. @param before lines that were asked for earlier */
export function itemsOf(read: ReadRequirements, before: readonly string[]): Item[] {
  const item = (requirement: Requirement, constraint: boolean): Item => {
    const line = hideSecrets(rootLine(requirement));
    const by = constraint ? "constraint" : before.includes(line) ? "before" : "now";
    const { where } = requirement;
    return { requirement, root: { requirement: line, by, ...(where === undefined ? {} : { where }) }, steps: [] };
  };
  const once = (some: readonly Requirement[]) => {
    // Of equal lines one of a file: to change another wouldn't help.
    const filesLast = some.toSorted((a, b) => Number(a.where !== undefined) - Number(b.where !== undefined));
    const kept = new Map(filesLast.map((one) => [rootLine(one), one]));
    return some.filter((one) => kept.get(rootLine(one)) === one);
  };
  return [
    ...once(read.requirements).map((one) => item(one, false)),
    ...once(read.constraints).map((one) => item(one, true)),
  ];
}

/** True for what only limits versions and asks for no package. */
export function isConstraint({ root, steps }: Item): boolean {
  return root.by === "constraint" && steps.length === 0;
}

/** The versions that an item takes: `>=2,<3`; empty for any, and for what comes from no index. */
export function specifierOf({ requirement: { source } }: Item): string {
  return source.kind === "index" ? source.specifier : "";
}

export function chainOf({ requirement, root, steps }: Item): RequirementChain {
  return { root, steps, requirement: steps.at(-1)?.requires ?? hideSecrets(rootLine(requirement)) };
}

/** The same requirement with other versions. */
export function withSpecifier(requirement: Requirement, specifier: string): Requirement {
  const { name, extras, marker } = requirement;
  const line = `${name}${extras.length ? `[${extras.join(",")}]` : ""}${specifier}${marker ? ` ; ${marker}` : ""}`;
  return parseRequirement(line);
}

/** Parts of a request, with its options and remote files. Hashes are left out: of a part not all are there. */
export function readOf(read: ReadRequirements, items: readonly Item[]): ReadRequirements {
  const bare = (some: readonly Item[]) => some.map(({ requirement }) => ({ ...requirement, hashes: [] }));
  return {
    ...read,
    requirements: bare(items.filter((one) => !isConstraint(one))),
    constraints: bare(items.filter(isConstraint)),
    options: { ...read.options, requireHashes: false },
  };
}
