import { SkerryError } from "../core/error.ts";
import type { Distribution } from "../core/package-home.ts";
import type { Target } from "../core/target.ts";
import { headerOf, headerValues, requiresDist } from "../python/dist-info.ts";
import { holds, type MarkerEnvironment } from "../python/requirement/evaluate.ts";
import { parseRequirement, type Requirement } from "../python/requirement/requirement.ts";

/** What an installed package requires, where the marker holds. */
export interface Required {
  /** `beta[more]>=1 ; python_version < "3.12"`, in the form of {@link Requirement.text} however METADATA writes it. */
  readonly line: string;
  /** Normalised. */
  readonly name: string;
  /** `>=1,<2`; empty for any version. */
  readonly specifier: string;
}

/** An installed package and what it requires. */
export interface GraphNode {
  readonly name: string;
  readonly version: string;
  readonly requiresPython: string | undefined;
  readonly requires: readonly Required[];
}

/** The installed packages by name. What is required and not installed has no node. */
export type Graph = ReadonlyMap<string, GraphNode>;

interface Installed {
  readonly name: string;
  readonly version: string;
  readonly requiresPython: string | undefined;
  readonly requirements: readonly Requirement[];
}

/**
 * Reads which installed package requires which: `Requires-Dist` of each METADATA
 * (https://packaging.python.org/specifications/core-metadata/), with the markers of the interpreter and the extras that
 * anyone asks for. Starts no process.
 * @param roots what was asked for, for its extras
 */
export async function requirementGraph(
  found: readonly Distribution[],
  environment: Target["markers"],
  roots: readonly Requirement[] = [],
): Promise<Graph> {
  const installed = new Map<string, Installed>();
  for (const one of found) installed.set(one.name, { ...(await readMetadata(one)), ...one });
  const extras = wantedExtras(installed, environment, roots);
  return new Map(
    [...installed.values()].map(({ name, version, requiresPython, requirements }) => {
      const requires = requirements
        .filter((one) => holds(one, environment, extras.get(name)))
        .map(({ text, name: required, source }) => ({
          line: text,
          name: required!,
          specifier: source.kind === "index" ? source.specifier : "",
        }));
      return [name, { name, version, requiresPython, requires }];
    }),
  );
}

/** Which extras of which packages are asked for, followed through extras that ask for extras. */
function wantedExtras(
  installed: ReadonlyMap<string, Installed>,
  environment: MarkerEnvironment,
  roots: readonly Requirement[],
): Map<string, Set<string>> {
  const extras = new Map<string, Set<string>>();
  const want = ({ name, extras: asked }: Requirement) => {
    const known = extras.get(name!) ?? new Set();
    const before = known.size;
    for (const extra of asked) known.add(extra);
    extras.set(name!, known);
    return known.size > before;
  };
  for (const root of roots) if (root.name !== undefined) want(root);
  for (let grew = true; grew; ) {
    grew = false;
    for (const { name, requirements } of installed.values()) {
      for (const one of requirements)
        if (one.extras.length > 0 && holds(one, environment, extras.get(name))) grew = want(one) || grew;
    }
  }
  return extras;
}

async function readMetadata(one: Distribution): Promise<Pick<Installed, "requiresPython" | "requirements">> {
  const header = headerOf((await one.readText("METADATA")) ?? "");
  return {
    requiresPython: headerValues(header, "Requires-Python")[0],
    requirements: requiresDist(header).flatMap((line) => {
      const read = readLine(line);
      return read?.name === undefined ? [] : [read];
    }),
  };
}

/** Undefined for a line that old tools wrote and no installer can read: it requires nothing. */
function readLine(line: string): Requirement | undefined {
  try {
    return parseRequirement(line);
  } catch (error) {
    if (error instanceof SkerryError) return undefined;
    throw error;
  }
}
