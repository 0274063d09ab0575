import { ahead, TooMuch } from "./attempts.ts";
import type { Clashes, FoundClash } from "./clash.ts";
import type { ConflictOption } from "./conflict.ts";
import type { Inquiry } from "./index-facts.ts";
import { type Item, isConstraint, specifierOf } from "./item.ts";
import { freed, isBound, type Relaxed, relax } from "./relax.ts";

/** An option, and the items that it makes of the request. */
export interface TriedOption {
  readonly option: ConflictOption;
  readonly items: readonly Item[];
}

/**
 * Ways out of a conflict, least change first, what doesn't hold together last; each was resolved. What is asked for now
 * gives way before what was there. Those that aren't tried when the attempts end are left out.
 */
export async function optionsFor(
  { found, drop }: Clashes,
  canForce: boolean,
  inquiry: Inquiry,
): Promise<TriedOption[]> {
  const [only] = found;
  if (!only) return [];
  // With several clashes one change mends only one of them.
  const groups = found.length === 1 ? inOrder(only.core).map((one) => [one]) : [drop];
  const overrides = inquiry.attempts.installer.name === "uv" ? overridesFor(found) : undefined;
  const tried = await Promise.all(
    [
      ...groups.map((group) => tryRelax(group, only, inquiry)),
      ...groups.map((group) => tryDrop(group, inquiry)),
      ...(overrides ? [tryOverride(overrides, inquiry)] : []),
      ...(canForce ? [tryForce(inquiry)] : []),
    ].map(withinLimits),
  );
  const options = tried.filter((one) => one !== undefined);
  const keys = options.map(({ option }) => JSON.stringify([option.changes, option.overrides, option.kind === "force"]));
  return options.filter((_, i) => keys.indexOf(keys[i]!) === i);
}

/** Starts what {@link optionsFor} is going to ask about a clash as soon as its core is known. */
export function startOptions(core: readonly Item[], { items, attempts }: Inquiry): void {
  for (const root of inOrder(core)) {
    // What fits with any version of it fits without it.
    if (isBound(root)) ahead(attempts.try(freed([root], items)));
    else ahead(attempts.fits(items.filter((one) => one !== root)));
  }
}

function inOrder(core: readonly Item[]): Item[] {
  const order = { now: 0, before: 1, constraint: 2 };
  return core.filter((one) => one.steps.length === 0).toSorted((a, b) => order[a.root.by] - order[b.root.by]);
}

function withinLimits<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error) => {
    if (error instanceof TooMuch) return undefined;
    throw error;
  });
}

type Try = Promise<TriedOption | undefined>;

async function tryRelax(group: readonly Item[], clash: FoundClash, inquiry: Inquiry): Try {
  const relaxed = await relax(group, clash, inquiry);
  const changing = relaxed?.filter(({ from, to }) => from.requirement.text !== to.requirement.text) ?? [];
  return changing.length > 0 ? relaxation(changing, inquiry.items) : undefined;
}

async function tryDrop(group: readonly Item[], { items, attempts }: Inquiry): Try {
  const rest = items.filter((one) => !group.includes(one));
  // Nothing that is asked for now would be left: no way to get it.
  if (!rest.some((one) => one.root.by === "now") || group.some(isConstraint)) return undefined;
  const earlier = group.filter((one) => one.root.by === "before");
  const [fits, without] = await Promise.all([
    attempts.fits(rest),
    earlier.length > 0 ? attempts.try(rest.filter((one) => one.root.by !== "now")) : undefined,
  ]);
  // What others of the environment require can't be uninstalled.
  if (!fits || earlier.some((one) => without?.packages.some(({ name }) => name === one.requirement.name)))
    return undefined;
  return { items: rest, option: { kind: "drop", changes: group.map((one) => ({ from: one.root, to: undefined })) } };
}

async function tryOverride(overrides: readonly string[], { items, attempts }: Inquiry): Try {
  const all = [...(attempts.request.overrides ?? []), ...overrides];
  const lock = await attempts.try(items, { overrides: all });
  return lock && { items, option: { kind: "override", changes: [], overrides } };
}

/** What is asked for now must at least go with what it requires itself, and the rest without it. */
async function tryForce({ items, attempts }: Inquiry): Try {
  const now = items.filter((one) => one.root.by === "now");
  if (now.length === 0) return undefined;
  const parts = [items.filter((one) => one.root.by !== "now"), ...now.map((one) => [one])];
  const fits = await Promise.all(parts.map((some) => attempts.fits(some)));
  return fits.every(Boolean) ? { items, option: { kind: "force", changes: [] } } : undefined;
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
