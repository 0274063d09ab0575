import type { Attempts } from "./attempts.ts";
import type { FoundClash } from "./clash.ts";
import type { ConflictOption } from "./conflict.ts";
import type { IndexFacts } from "./index-facts.ts";
import { type Item, isConstraint, specifierOf } from "./item.ts";
import { type Relaxed, relax } from "./relax.ts";

/** An option, and the items that it makes of the request. */
export interface TriedOption {
  readonly option: ConflictOption;
  readonly items: readonly Item[];
}

/** Ways out of a conflict, least change first; each was resolved. What is asked for now gives way before what was there. */
export async function optionsFor(
  items: readonly Item[],
  found: readonly FoundClash[],
  drop: readonly Item[],
  canForce: boolean,
  attempts: Attempts,
  facts: IndexFacts,
): Promise<TriedOption[]> {
  const [only] = found;
  if (!only) return [];
  const order = { now: 0, before: 1, constraint: 2 };
  const roots = only.core
    .filter((one) => one.steps.length === 0)
    .toSorted((a, b) => order[a.root.by] - order[b.root.by]);
  // With several clashes one change mends only one of them.
  const groups = found.length === 1 ? roots.map((one) => [one]) : [drop];
  const options: TriedOption[] = [];
  for (const group of groups) {
    const relaxed = await relax(group, items, only, attempts, facts);
    if (relaxed) options.push(relaxation(relaxed, items));
  }
  for (const group of groups) {
    const rest = items.filter((one) => !group.includes(one));
    // Nothing that is asked for now would be left: no way to get it.
    if (!rest.some((one) => one.root.by === "now") || group.some(isConstraint) || !(await attempts.fits(rest)))
      continue;
    const changes = group.map((one) => ({ from: one.root, to: undefined }));
    options.push({ items: rest, option: { kind: "drop", changes } });
  }
  const overrides = overridesFor(found);
  if (attempts.installer.name === "uv" && overrides) {
    const all = [...(attempts.request.overrides ?? []), ...overrides];
    if (await attempts.try(items, { overrides: all })) {
      options.push({ items, option: { kind: "override", changes: [], overrides } });
    }
  }
  if (canForce && (await canBeForced(items, attempts))) {
    options.push({ items, option: { kind: "force", changes: [] } });
  }
  return options;
}

function relaxation(relaxed: readonly Relaxed[], items: readonly Item[]): TriedOption {
  const to = new Map(relaxed.map((one) => [one.from, one.to]));
  return {
    items: items.map((one) => to.get(one) ?? one),
    option: {
      kind: "relax",
      changes: relaxed.map(({ from, to: { requirement } }) => ({ from: from.root, to: requirement.text })),
    },
  };
}

/** One line for each clash: the side that was asked for by name, the newest one first. */
function overridesFor(found: readonly FoundClash[]): readonly string[] | undefined {
  const lines = found.map(({ sides, clash }) => {
    const side =
      clash.package === undefined || sides.length < 2
        ? undefined
        : (sides.find((one) => one.root.by === "now" && one.steps.length === 0) ??
          sides.find((one) => one.steps.length === 0) ??
          sides.at(-1));
    return side && `${clash.package}${specifierOf(side)}`;
  });
  return lines.every((line) => line !== undefined) ? [...new Set(lines)] : undefined;
}

/** What is asked for now must at least go with what it requires itself, and the rest without it. */
async function canBeForced(items: readonly Item[], attempts: Attempts): Promise<boolean> {
  const now = items.filter((one) => one.root.by === "now");
  if (now.length === 0 || !(await attempts.fits(items.filter((one) => one.root.by !== "now")))) return false;
  for (const one of now) if (!(await attempts.fits([one]))) return false;
  return true;
}
