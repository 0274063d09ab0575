import type { Graph, Required } from "./graph.ts";

/** A package in the tree of what requires what. */
export interface PackageNode {
  /** Normalised. */
  readonly name: string;
  /** Undefined when it is required and not installed. */
  readonly version: string | undefined;
  /** The requirement of the package above; undefined at the top. */
  readonly requirement: string | undefined;
  /** Asked for by name. */
  readonly requested: boolean;
  /** It stands in the tree before, with what it requires; here that is left out. */
  readonly repeated: boolean;
  readonly requires: readonly PackageNode[];
}

/** One step of a chain: a package, and the requirement by which the one before leads to it. */
export interface ChainLink {
  readonly name: string;
  readonly version: string;
  /** Undefined for the first. */
  readonly requirement: string | undefined;
}

/** How many chains are found at most: their number can grow without bounds. */
export const CHAIN_LIMIT = 1000;

/**
 * The tree of what requires what: at the top what no installed package requires, by name, and one of each circle that
 * nothing leads to.
 * @param requested names that were asked for
 */
export function packageTree(graph: Graph, requested: ReadonlySet<string>): PackageNode[] {
  const seen = new Set<string>();

  function node(name: string, requirement: string | undefined): PackageNode {
    const found = graph.get(name);
    const repeated = seen.has(name) && (found?.requires.length ?? 0) > 0;
    const below = seen.has(name) ? [] : (found?.requires ?? []);
    if (found) seen.add(name);
    return {
      name,
      version: found?.version,
      requirement,
      requested: requested.has(name),
      repeated,
      requires: [...below].sort(byName).map((one) => node(one.name, one.line)),
    };
  }

  const required = parentsOf(graph);
  const names = [...graph.keys()].sort();
  const tops = names.filter((name) => !required.has(name)).map((name) => node(name, undefined));
  const circles = [...names.filter((name) => requested.has(name)), ...names].flatMap((name) =>
    seen.has(name) ? [] : [node(name, undefined)],
  );
  return [...tops, ...circles];
}

/**
 * Why a package is there: every chain of requirements that leads to it from a package that was asked for, or that
 * nothing requires. Shortest first; at most {@link CHAIN_LIMIT}.
 */
export function chainsTo(graph: Graph, name: string, requested: ReadonlySet<string>): ChainLink[][] {
  const parents = parentsOf(graph);
  const chains: ChainLink[][] = [];
  // By length, so that of too many the shortest are told.
  let open: { readonly at: string; readonly below: readonly ChainLink[]; readonly path: readonly string[] }[] = [
    { at: name, below: [], path: [name] },
  ];
  while (open.length > 0 && chains.length < CHAIN_LIMIT) {
    const next: typeof open = [];
    for (const { at, below, path } of open) {
      const version = graph.get(at)!.version;
      const above = parents.get(at) ?? [];
      if (requested.has(at) || above.length === 0)
        chains.push([{ name: at, version, requirement: undefined }, ...below]);
      for (const { parent, line } of above) {
        if (path.includes(parent) || next.length >= CHAIN_LIMIT) continue;
        next.push({
          at: parent,
          below: [{ name: at, version, requirement: line }, ...below],
          path: [...path, parent],
        });
      }
    }
    open = next;
  }
  return chains.slice(0, CHAIN_LIMIT);
}

/** Who requires each package, by name. A package that requires an extra of itself doesn't count. */
function parentsOf(graph: Graph): Map<string, { readonly parent: string; readonly line: string }[]> {
  const parents = new Map<string, { readonly parent: string; readonly line: string }[]>();
  for (const { name, requires } of graph.values()) {
    for (const { name: required, line } of requires) {
      if (required !== name) parents.set(required, [...(parents.get(required) ?? []), { parent: name, line }]);
    }
  }
  return parents;
}

function byName(a: Required, b: Required): number {
  return a.name < b.name ? -1 : 1;
}
