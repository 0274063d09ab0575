import { meets } from "../python/markers.ts";
import type { Graph } from "./graph.ts";

/** A requirement of an installed package that isn't met. */
export interface UnmetRequirement {
  readonly package: string;
  readonly requirement: string;
  /** The version that is installed of what is required; undefined when none is. */
  readonly installed: string | undefined;
}

/** Requirements of installed packages that nothing installed meets. */
export function unmetRequirements(graph: Graph): UnmetRequirement[] {
  const problems: UnmetRequirement[] = [];
  for (const { name, version, requires } of graph.values()) {
    for (const { line, name: required, specifier } of requires) {
      const there = graph.get(required);
      if (there && meets(there.version, specifier)) continue;
      problems.push({ package: `${name} ${version}`, requirement: line, installed: there?.version });
    }
  }
  return problems.sort((a, b) => (a.package + a.requirement < b.package + b.requirement ? -1 : 1));
}
