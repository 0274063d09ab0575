import { explain as explainVersion } from "@renovatebot/pep440";
import type { Lock } from "../../core/lock.ts";
import { meets } from "../../python/requirement/evaluate.ts";
import type { Attempts } from "./attempts.ts";
import type { Clash } from "./conflict.ts";
import { demandsOf } from "./demands.ts";
import type { IndexFacts } from "./index-facts.ts";
import { chainOf, type Item, isConstraint, specifierOf } from "./item.ts";
import { minimal } from "./minimal.ts";
import { problemOf } from "./version-problem.ts";

/** A clash, and the smallest part of the items that has it. */
export interface FoundClash {
  readonly clash: Clash;
  readonly core: readonly Item[];
  /** The sides of the clash, in the order of its chains. */
  readonly sides: readonly Item[];
}

/** All clashes of a request, and what is left out of it so that the rest can be resolved. */
export interface Clashes {
  readonly found: readonly FoundClash[];
  readonly drop: readonly Item[];
}

/** How far a clash is followed from what was asked for. */
const DEEPEST = 8;

/** The smallest part of some items that can't be resolved. */
export function coreOf(items: readonly Item[], attempts: Attempts): Promise<readonly Item[]> {
  return minimal(items, async (some) => !(await attempts.fits(some)));
}

/**
 * Finds how items that can't be resolved together exclude each other, where without any one of them they can. No
 * resolver's text is read: an item is replaced by what it leads to, until two requirements stand against each other on
 * one package.
 */
export async function clashIn(
  core: readonly Item[],
  attempts: Attempts,
  facts: IndexFacts,
  depth = 0,
): Promise<FoundClash> {
  const deeper =
    depth < DEEPEST ? await (core.length === 1 ? alone : between)(core, attempts, facts, depth) : undefined;
  return deeper ? { ...deeper, core } : { core, sides: core, clash: { package: undefined, chains: core.map(chainOf) } };
}

async function findClash(
  items: readonly Item[],
  attempts: Attempts,
  facts: IndexFacts,
  depth: number,
): Promise<FoundClash> {
  return clashIn(await coreOf(items, attempts), attempts, facts, depth);
}

type Deeper = Omit<FoundClash, "core"> | undefined;

/** One item that fails on its own: there is no version, or what it requires fails. */
async function alone([item]: readonly Item[], attempts: Attempts, facts: IndexFacts, depth: number): Promise<Deeper> {
  if (!item) return undefined;
  const itself = await attempts.try([item], { dependencies: false });
  if (!itself) {
    const problem = await problemOf(item, facts, attempts);
    const clash = { package: item.requirement.name, chains: [chainOf(item)], ...(problem ? { problem } : {}) };
    return { clash, sides: [item] };
  }
  const demands = await demandsOf([item], itself, facts, attempts.request.target.markers);
  const next = demands.filter((one) => one.steps.length === item.steps.length + 1);
  return next.length > 0 && !(await attempts.fits(next)) ? findClash(next, attempts, facts, depth + 1) : undefined;
}

/** Several items that fail together: what one of them leads to stands against what the others lead to. */
async function between(core: readonly Item[], attempts: Attempts, facts: IndexFacts, depth: number): Promise<Deeper> {
  const { markers } = attempts.request.target;
  for (const item of [...core].reverse()) {
    const others = core.filter((one) => one !== item);
    const [own, rest] = await Promise.all([
      isConstraint(item) ? undefined : attempts.try([item]),
      attempts.try(others),
    ]);
    if (!own && !isConstraint(item)) continue;
    // One question instead of two.
    await facts.requires([...(own?.packages ?? []), ...(rest?.packages ?? [])]);
    const demands = own ? await demandsOf([item], own, facts, markers) : [item];
    const against: Item[] = [];
    for (let lock = rest; ; ) {
      if (!lock) return findClash([...others, ...against], attempts, facts, depth + 1);
      const unmet = demands.filter((one) => violates(one, lock!) && !against.includes(one));
      const theirs = await demandsOf(others, lock, facts, markers);
      for (const one of unmet) {
        const opposing = await opposed(one, theirs, [lock, own], facts);
        if (opposing) {
          const sides = [...opposing, one];
          return { sides, clash: { package: one.requirement.name, chains: sides.map(chainOf) } };
        }
      }
      const next = unmet.find((one) => one !== item);
      if (!next) break;
      against.push(next);
      lock = await attempts.try([...others, ...against]);
    }
  }
  return undefined;
}

/** Whether a lock has another version of a package than is demanded. */
function violates(demand: Item, lock: Lock): boolean {
  const version = lock.packages.find((one) => one.name === demand.requirement.name)?.version;
  return typeof version === "string" && !meets(version, specifierOf(demand));
}

/** Those of the demands that leave no version for this one: one of them, or all on the package where only they do. */
async function opposed(
  demand: Item,
  others: readonly Item[],
  locks: readonly (Lock | undefined)[],
  facts: IndexFacts,
): Promise<readonly Item[] | undefined> {
  const { name } = demand.requirement;
  const same = others.filter((one) => one.requirement.name === name && specifierOf(one) !== "");
  if (name === undefined || same.length === 0) return undefined;
  const chosen = locks.flatMap((one) => one?.packages.find((found) => found.name === name)?.version ?? []);
  const versions = await candidates(name, [demand, ...same], chosen, facts);
  const excludes = (some: readonly Item[]) =>
    !versions.some((version) => [demand, ...some].every((one) => meets(version, specifierOf(one))));
  const single = same.find((one) => excludes([one]));
  if (single) return [single];
  return excludes(same) ? same : undefined;
}

/** The versions to try requirements on: those of the index, or, where it can't be asked, those that they name. */
async function candidates(
  name: string,
  demands: readonly Item[],
  chosen: readonly string[],
  facts: IndexFacts,
): Promise<readonly string[]> {
  const files = (await facts.files(name))?.filter((one) => !one.yanked).map((one) => one.version);
  const named = demands.flatMap((one) => specifierOf(one).match(/\d[\w.!+-]*/g) ?? []);
  const finals = files?.filter((version) => !explainVersion(version)?.is_prerelease);
  return [...chosen, ...(finals?.length ? finals : (files ?? named))];
}
