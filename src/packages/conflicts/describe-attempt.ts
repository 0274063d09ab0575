import type { ResolveRequest } from "../installer.ts";
import { chainOf, type Item } from "./item.ts";

const SHOWN = 3;

/** What an attempt tries, behind the word "trying": `without flask`, `flask>=3 alone`, `with werkzeug`. */
export function describeAttempt(
  items: readonly Item[],
  { overrides = [] }: Pick<ResolveRequest, "overrides">,
  all: readonly Item[],
): string {
  if (overrides.length > 0) return `with ${few(overrides)} for everybody`;
  const other = items.filter((one) => !all.some((root) => root.requirement.text === one.requirement.text));
  if (other.length > 0) return `with ${few(other.map(lineOf))}`;
  const missing = all.filter((root) => !items.some((one) => one.requirement.text === root.requirement.text));
  if (missing.length === 0) return "all of them";
  return missing.length < items.length
    ? `without ${few(missing.map(lineOf))}`
    : `${few(items.map(lineOf))} ${items.length === 1 ? "alone" : "together"}`;
}

function lineOf(item: Item): string {
  return chainOf(item).requirement;
}

function few(lines: readonly string[]): string {
  const more = lines.length - SHOWN;
  return more > 1 ? `${lines.slice(0, SHOWN).join(", ")} and ${more} more` : lines.join(", ");
}
