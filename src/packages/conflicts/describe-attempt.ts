import { listed } from "../../core/text.ts";
import type { ResolveRequest } from "../installer.ts";
import { chainOf, type Item } from "./item.ts";

const SHOWN = 3;

/** What an attempt tries, behind the word "trying": `without flask`, `flask>=3 alone`, `with werkzeug`. */
export function describeAttempt(
  items: readonly Item[],
  { overrides = [] }: Pick<ResolveRequest, "overrides">,
  all: readonly Item[],
): string {
  if (overrides.length > 0) return `with ${listed(overrides, SHOWN)} for everybody`;
  const other = items.filter((one) => !all.some((root) => root.requirement.text === one.requirement.text));
  if (other.length > 0) return `with ${listed(other.map(lineOf), SHOWN)}`;
  const missing = all.filter((root) => !items.some((one) => one.requirement.text === root.requirement.text));
  if (missing.length === 0) return "all of them";
  return missing.length < items.length
    ? `without ${listed(missing.map(lineOf), SHOWN)}`
    : `${listed(items.map(lineOf), SHOWN)} ${items.length === 1 ? "alone" : "together"}`;
}

function lineOf(item: Item): string {
  return chainOf(item).requirement;
}
