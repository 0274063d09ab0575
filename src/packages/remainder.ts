import { SkerryError } from "../core/error.ts";
import type { LayerTarget } from "../core/layer-target.ts";
import type { Lock } from "../core/lock.ts";
import type { Target } from "../core/target.ts";
import { readHeader, requiresDist } from "../python/dist-info.ts";
import { holds, type MarkerEnvironment } from "../python/requirement/evaluate.ts";
import { comparisonsOf, parseMarker } from "../python/requirement/marker.ts";
import { nameAtStart, normalizeName, parseRequirement, type Requirement } from "../python/requirement/requirement.ts";
import { treeKey } from "../store/key.ts";
import { openTree } from "../store/tree.ts";

/**
 * What stays of a lock when only some of its roots do, told without an installer from the metadata of its trees: all that
 * these roots lead to, in the versions there are.
 * @param roots lines of the lock's roots
 * @param trees folder of the shared trees
 * @returns undefined where it can't be told for certain, and an installer has to resolve: projects and repositories, which
 * may have changed; roots without a name; markers that this machine's facts don't decide; a lock that isn't what its
 * roots and the metadata lead to
 */
export function remainderOf(lock: Lock, roots: readonly string[], target: Target, trees: string): Lock | undefined {
  if (lock.packages.some((one) => one.directory || one.vcs)) return undefined;
  const read = reader(target);
  const requires = new Map<string, readonly string[]>();
  for (const one of lock.packages) {
    const key = treeKey(one, target.identity, lock.installer);
    const tree = key === undefined ? undefined : openTree(trees, key);
    if (!tree) return undefined;
    const told = tree.requires ?? requiresDist(readHeader(`${tree.root}/${tree.sitePackages}/${tree.distInfo}`));
    requires.set(one.name, told);
  }
  try {
    if (lock.roots.some((line) => line.startsWith("-"))) return undefined;
    const gone = departing(lock, roots, requires, read);
    if (gone) return { ...lock, roots, packages: lock.packages.filter(({ name }) => !gone.has(name)) };
    const all = reachable(lock.roots, requires, read);
    if (all?.size !== lock.packages.length) return undefined;
    const left = reachable(roots, requires, read);
    return left && { ...lock, roots, packages: lock.packages.filter(({ name }) => left.has(name)) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof SkerryError) return undefined;
    throw error;
  }
}

/**
 * What goes with the roots that go, where nobody else speaks of it: most removals are told so, without working out what the
 * requirements of all other packages lead to. Undefined where it isn't so simple.
 */
function departing(
  lock: Lock,
  roots: readonly string[],
  requires: ReadonlyMap<string, readonly string[]>,
  read: Reader,
): ReadonlySet<string> | undefined {
  const kept = new Set(roots);
  const dropped = lock.roots.filter((line) => !kept.has(line));
  if (dropped.length === 0) return undefined;
  const staying = new Set(roots.map((line) => (line.includes(";") ? undefined : nameAtStart(line))));
  const gone = reachable(dropped, requires, (line, extras) => {
    const asked = read(line, extras);
    if (typeof asked !== "object" || !staying.has(asked.name)) return asked;
    // With an extra, others may go that only it requires.
    return asked.extras.length > 0 ? "undecided" : undefined;
  });
  if (!gone) return undefined;
  const others = [...requires].flatMap(([name, lines]) => (gone.has(name) ? [] : lines));
  const named = new Set([...roots, ...others].map(nameAtStart));
  // A package that nobody names was brought by something else than metadata.
  const isTold = lock.packages.every(({ name }) => gone.has(name) !== named.has(name));
  return isTold && !named.has(undefined) ? gone : undefined;
}

/** Names of the packages that requirements lead to; undefined where one isn't there or can't be decided. */
function reachable(
  roots: readonly string[],
  requires: ReadonlyMap<string, readonly string[]>,
  read: Reader,
): ReadonlySet<string> | undefined {
  /** The extras of each that are asked for. */
  const found = new Map<string, Set<string>>();
  const waiting: { readonly line: string; readonly extras: ReadonlySet<string> }[] = [];
  const follow = (lines: readonly string[], extras: ReadonlySet<string>) => {
    for (const line of lines) if (extras.size > 0 || !isOnlyOfExtra(line)) waiting.push({ line, extras });
  };
  follow(roots, new Set());
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const asked = read(next.line, next.extras);
    if (asked === undefined) continue;
    if (asked === "undecided" || asked.name === undefined) return undefined;
    const lines = requires.get(asked.name);
    if (!lines) return undefined;
    const known = found.get(asked.name);
    const fresh = asked.extras.filter((extra) => !known?.has(extra));
    if (known && fresh.length === 0) continue;
    const extras = new Set([...(known ?? []), ...fresh]);
    found.set(asked.name, extras);
    follow(lines, extras);
  }
  return new Set(found.keys());
}

/** Variables whose values the interpreter alone knows. */
const UNDECIDED = new Set(["platform_release", "platform_version", "implementation_version"]);

/** What a line asks for; undefined when its marker doesn't hold. */
type Reader = (line: string, extras: ReadonlySet<string>) => Requirement | "undecided" | undefined;

/** Reads lines, the same one once. */
function reader({ identity, markers: environment }: Target): Reader {
  const known = new Map<string, ReturnType<Reader>>();
  const read: Reader = (line, extras) => {
    const requirement = parseRequirement(line);
    if (!isDecided(requirement, environment, identity)) return "undecided";
    return holds(requirement, environment, extras) ? requirement : undefined;
  };
  return (line, extras) => {
    const key = [line, ...extras].join("\n");
    if (!known.has(key)) known.set(key, read(line, extras));
    return known.get(key);
  };
}

/** Most lines of many packages: they are skipped without being read as requirements. */
function isOnlyOfExtra(line: string): boolean {
  const marker = line.slice(line.indexOf(";") + 1);
  return marker !== line && /\bextra\s*==/.test(marker) && !/\bor\b/.test(marker);
}

/** Whether what is known of the interpreter decides the marker, and its extras are written as they are compared. */
function isDecided({ marker }: Requirement, { platform_machine: machine }: MarkerEnvironment, target: LayerTarget) {
  const comparisons = marker === undefined ? [] : comparisonsOf(parseMarker(marker));
  return comparisons.every(({ left, operator, right }) => {
    const names = [left, right].flatMap((value) => ("variable" in value ? value.variable : []));
    if (names.some((name) => UNDECIDED.has(name))) return false;
    if (names.includes("platform_machine") && !target.platform.endsWith(`-${machine}`)) return false;
    if (!names.includes("extra")) return true;
    return "variable" in left && operator === "==" && "text" in right && normalizeName(right.text) === right.text;
  });
}
