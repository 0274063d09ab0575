import type { Lock } from "../../core/lock.ts";
import { cut } from "../../core/scan.ts";
import type { Target } from "../../core/target.ts";
import { holds } from "../../python/requirement/evaluate.ts";
import { parseRequirement } from "../../python/requirement/requirement.ts";
import type { IndexFacts } from "./index-facts.ts";
import { type Item, isConstraint } from "./item.ts";

/**
 * All that some items ask for in what they resolve to: themselves, then what the packages of the lock require, nearest
 * first. Each comes with the shortest way to it.
 */
export async function demandsOf(
  items: readonly Item[],
  lock: Lock,
  facts: IndexFacts,
  environment: Target["markers"],
): Promise<Item[]> {
  const lines = await facts.requires(lock.packages);
  const packages = new Map(lock.packages.map((one, i) => [one.name, { version: one.version, lines: lines[i] ?? [] }]));
  const demands = [...items];
  const seen = new Set<string>();
  // Grows while it is walked.
  for (const demand of demands) {
    const { requirement, root, steps } = demand;
    const name = requirement.name;
    const found = name === undefined || isConstraint(demand) ? undefined : packages.get(name);
    if (!found || name === undefined) continue;
    for (const extra of ["", ...requirement.extras]) {
      if (seen.has(`${name}[${extra}]`)) continue;
      seen.add(`${name}[${extra}]`);
      for (const line of found.lines) {
        const { marker, ...required } = parseRequirement(line);
        const read = { ...required, marker };
        // What holds without the extra came with the package itself.
        if (!holds(read, environment, new Set(extra ? [extra] : [])) || (extra && holds(read, environment))) continue;
        const bare = withoutParentheses(cut(line, ";")[0].trimEnd());
        demands.push({
          requirement: { ...required, marker: undefined, text: bare },
          root,
          steps: [...steps, { package: name, version: found.version, requires: bare }],
        });
      }
    }
  }
  return demands;
}

/** `six (>=1)`, as old metadata has it, without the parentheses. */
function withoutParentheses(text: string): string {
  const [name, rest = ""] = cut(text, "(");
  const [versions, behind] = cut(rest, ")");
  return behind === undefined ? text : name.trimEnd() + versions + behind;
}
