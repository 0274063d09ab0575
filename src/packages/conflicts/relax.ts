import { compare, explain, rcompare } from "@renovatebot/pep440";
import { meets } from "../../python/requirement/evaluate.ts";
import type { FoundClash } from "./clash.ts";
import type { IndexFacts, Inquiry } from "./index-facts.ts";
import { type Item, specifierOf, withSpecifier } from "./item.ts";

/** An item of a request and what it is to become. */
export interface Relaxed {
  readonly from: Item;
  readonly to: Item;
}

/**
 * Widens requirements so that the request can be resolved: to the nearest version where it is known, else to the one
 * that the resolver takes without the bound. All at once; what is returned was resolved.
 */
export async function relax(
  targets: readonly Item[],
  { sides }: Pick<FoundClash, "sides">,
  { items, attempts, facts }: Inquiry,
): Promise<readonly Relaxed[] | undefined> {
  if (!targets.every(isBound)) return undefined;
  const replaced = (by: (item: Item) => string) =>
    items.map((one) => (targets.includes(one) ? changed(one, by(one)) : one));
  const free = await attempts.try(freed(targets, items));
  const versionIn = (item: Item) => free?.packages.find((one) => one.name === item.requirement.name)?.version;
  const [only] = targets;
  if (!free || targets.some((one) => typeof versionIn(one) !== "string" && one.root.by !== "constraint"))
    return undefined;
  // What the resolver takes without the bound is the newest, which may be far from what was asked.
  const near = targets.length === 1 && only ? await nearest(only, sides, facts) : undefined;
  const reached =
    near !== undefined &&
    near !== (only && versionIn(only)) &&
    (await attempts.try(replaced(() => `==${near}`))) !== undefined;
  return targets.map((from) => {
    const version = reached ? near : versionIn(from);
    // A constraint on what isn't installed any more says nothing.
    return { from, to: changed(from, typeof version === "string" ? widen(specifierOf(from), version) : "") };
  });
}

/** Items of which some may have any version. */
export function freed(targets: readonly Item[], items: readonly Item[]): readonly Item[] {
  return items.map((one) => (targets.includes(one) ? changed(one, "") : one));
}

/** Whether the bounds of an item can move. */
export function isBound(item: Item): boolean {
  return item.requirement.source.kind === "index" && specifierOf(item) !== "";
}

/** The version nearest to what an item asks for that the other sides of its clash take. */
async function nearest(item: Item, sides: readonly Item[], facts: IndexFacts): Promise<string | undefined> {
  const { name } = item.requirement;
  const others = sides.filter((one) => one !== item && one.requirement.name === name);
  if (name === undefined || !sides.includes(item)) return undefined;
  const files = (await facts.files(name))?.filter((one) => !one.yanked && !explain(one.version)?.is_prerelease) ?? [];
  const fitting = files
    .map((one) => one.version)
    .filter((one) => others.every((other) => meets(one, specifierOf(other))));
  const newestFirst = [...new Set(fitting)].sort(rcompare);
  for (const { operator, bound } of clausesOf(specifierOf(item))) {
    const above = newestFirst.findLast((one) => compare(one, bound) >= 0 && !meets(one, specifierOf(item)));
    const below = newestFirst.find((one) => compare(one, bound) <= 0 && !meets(one, specifierOf(item)));
    const found = operator.startsWith("<") ? above : operator.startsWith(">") ? below : (above ?? below);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A specifier that also takes this version: each clause that excludes it gives way as far as it must. */
export function widen(specifier: string, version: string): string {
  return clausesOf(specifier)
    .flatMap(({ operator, text }) => {
      if (meets(version, text)) return [text];
      if (operator === "!=") return [];
      return [`${operator.startsWith("<") ? "<=" : operator.startsWith(">") ? ">=" : "=="}${version}`];
    })
    .join(",");
}

function clausesOf(specifier: string): { readonly operator: string; readonly bound: string; readonly text: string }[] {
  return specifier
    .split(",")
    .filter(Boolean)
    .map((text) => {
      const [, operator = "", bound = ""] = /^(~=|===|==|!=|<=|>=|<|>)(.*?)(?:\.\*)?$/.exec(text) ?? [];
      return { operator, bound, text };
    });
}

function changed(item: Item, specifier: string): Item {
  return { ...item, requirement: withSpecifier(item.requirement, specifier) };
}
