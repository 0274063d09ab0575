import { SkerryError } from "../../core/error.ts";
import type { RelaxedRequirement } from "../../core/package-change.ts";
import { hideSecrets } from "../../core/secrets.ts";
import type { Conflict } from "../../packages/conflicts/conflict.ts";
import type { Resolution } from "../../packages/resolve.ts";
import type { ReadRequirements } from "../../python/requirement/files.ts";
import { parseRequirement } from "../../python/requirement/requirement.ts";

/** How many conflicts one after the other are resolved before giving up. */
const LIMIT = 5;

/** What a conflict error says of itself. */
export function conflictOf(error: unknown): Conflict | undefined {
  return error instanceof SkerryError ? (error.details.conflict as Conflict | undefined) : undefined;
}

/**
 * Resolves, and on a conflict once more with the least change of what was asked for.
 * @param resolve is given the requirements that changed so far
 * @throws what it throws, where no bound of what was asked for can give way
 */
export async function resolveRelaxed(
  resolve: (relaxed: readonly RelaxedRequirement[]) => Promise<Resolution>,
): Promise<{ readonly resolution: Resolution; readonly relaxed: readonly RelaxedRequirement[] }> {
  const { isAutomatic } = await import("../../packages/conflicts/tell.ts");
  for (let relaxed: readonly RelaxedRequirement[] = [], round = 1; ; round++) {
    try {
      return { resolution: await resolve(relaxed), relaxed };
    } catch (error) {
      const option = conflictOf(error)?.options.find(isAutomatic);
      if (!option || round === LIMIT) throw error;
      const changes = option.changes.map(({ from, to = "" }) => ({ from: from.requirement, to }));
      const again = relaxed.map(({ from, to }) => ({ from, to: changes.find((one) => one.from === to)?.to ?? to }));
      relaxed = [...again, ...changes.filter((one) => !relaxed.some(({ to }) => to === one.from))];
    }
  }
}

/** What was read, with these requirements changed. */
export function withRelaxed(read: ReadRequirements, relaxed: readonly RelaxedRequirement[]): ReadRequirements {
  const to = new Map(relaxed.map((one) => [one.from, one.to]));
  return {
    ...read,
    requirements: read.requirements.map((one) => {
      const line = one.editable ? undefined : to.get(hideSecrets(one.text));
      return line === undefined ? one : parseRequirement(line);
    }),
  };
}
