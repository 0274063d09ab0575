import { SkerryError } from "../../core/error.ts";
import type { Context } from "../context.ts";
import { homeOf } from "./home.ts";
import type { Locked } from "./install.ts";
import { rootNames } from "./roots.ts";

/** How many packages are named of many. */
const SHOWN = 4;

/**
 * The refusal to remove a package that others require: names them, and the command that removes them too.
 * @param removing all that was to be removed
 */
export async function requiredError(
  context: Context,
  { record, lock }: Locked,
  removing: readonly string[],
  still: string,
): Promise<SkerryError> {
  const environment = record.name;
  const { graphOf } = await import("./package-views.ts");
  const { chainsTo } = await import("../../packages/tree.ts");
  const graph = await graphOf(lock, homeOf(context, record));
  const requirers = [...graph.values()]
    .filter((one) => !removing.includes(one.name) && one.requires.some(({ name }) => name === still))
    .map((one) => one.name)
    .sort();
  const roots = rootNames(lock);
  const heads = graph.has(still) ? chainsTo(graph, still, roots).flatMap(([first]) => first?.name ?? []) : [];
  const all = [...new Set([...removing, ...heads])].filter((name) => roots.has(name));
  const more = requirers.length - SHOWN;
  const shown = more > 0 ? [...requirers.slice(0, SHOWN), `${more} more`] : requirers;
  const who = shown.length === 0 ? "another package" : shown.join(", ").replace(/, ([^,]+)$/, " and $1");
  const too =
    requirers.length > 0
      ? `skerry uninstall ${environment} ${all.join(" ")} removes what requires it too`
      : `skerry packages ${environment} --why ${still} tells which`;
  return new SkerryError(
    "SKE-PKG-REQUIRED",
    `Could not remove ${still} from ${environment}: ${who} ${requirers.length > 1 ? "require" : "requires"} it`,
    {
      hint: `${too}; --force removes ${still} alone`,
      details: { package: still, requiredBy: requirers },
    },
  );
}
