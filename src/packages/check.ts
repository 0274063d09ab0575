import type { Target } from "../core/target.ts";
import { holds, meets } from "../python/requirement/evaluate.ts";
import { parseRoot } from "../python/requirement/roots.ts";
import type { Graph } from "./graph.ts";

/** A requirement of an installed package that isn't met. */
export interface UnmetRequirement {
  /** `name version`, or the environment's name for what was asked for. */
  readonly package: string;
  readonly requirement: string;
  /** The version that is installed of what is required; undefined when none is. */
  readonly installed: string | undefined;
}

/**
 * Requirements of installed packages, and what was asked for itself, that nothing installed meets.
 * @param asked lines of a lock's roots, and what stands in the place of a package for them
 */
export function unmetRequirements(
  graph: Graph,
  asked: { readonly by: string; readonly roots: readonly string[]; readonly markers: Target["markers"] },
): UnmetRequirement[] {
  const problems: UnmetRequirement[] = [];
  for (const { name, version, requires } of graph.values()) {
    for (const { line, name: required, specifier } of requires) {
      const there = graph.get(required);
      if (there && meets(there.version, specifier)) continue;
      problems.push({ package: `${name} ${version}`, requirement: line, installed: there?.version });
    }
  }
  for (const line of asked.roots) {
    const root = parseRoot(line);
    if (root?.name === undefined || !holds(root, asked.markers)) continue;
    const there = graph.get(root.name);
    if (there && meets(there.version, root.source.kind === "index" ? root.source.specifier : "")) continue;
    problems.push({ package: asked.by, requirement: line, installed: there?.version });
  }
  return problems.sort((a, b) => (a.package + a.requirement < b.package + b.requirement ? -1 : 1));
}
