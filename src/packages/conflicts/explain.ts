import { SkerryError } from "../../core/error.ts";
import type { Operation } from "../../core/operation.ts";
import { readRequirements } from "../../python/requirements.ts";
import type { Installer, ResolveRequest } from "../installer.ts";
import { summary } from "../request-lines.ts";
import { Attempts, TooMuch } from "./attempts.ts";
import { type FoundClash, findClash } from "./clash.ts";
import { type ConflictContext, commandOf } from "./commands.ts";
import type { Conflict } from "./conflict.ts";
import { IndexFacts } from "./index-facts.ts";
import { type Item, itemsOf } from "./item.ts";
import { optionsFor } from "./options.ts";
import { conflictError } from "./tell.ts";

/**
 * Makes of an installer's refusal an error that tells the clash in full: `details.conflict` is a {@link Conflict}. It
 * costs further resolutions. Where they fail for another reason, or would go on for too long, the error stays as it is.
 * @param error `SKE-PKG-CONFLICT` or `SKE-PKG-VERSION`, as {@link Installer.resolve} throws it; others are given back
 */
export async function explainConflict(
  error: unknown,
  request: ResolveRequest,
  installer: Installer,
  context: ConflictContext | undefined,
  op: Operation,
): Promise<unknown> {
  if (!(error instanceof SkerryError) || !/^SKE-PKG-(CONFLICT|VERSION)$/.test(error.code)) return error;
  const read = request.read ?? readRequirements(request.requirements, request.cwd, request.settings.variables);
  const attempts = new Attempts(request, installer, read, op);
  const facts = new IndexFacts(attempts);
  op.report({ phase: "explain", detail: "what excludes what" });
  try {
    const items = itemsOf(read, request.preferences?.roots ?? []);
    const { found, drop } = await clashesOf(items, error, attempts, facts);
    if (found.length === 0) return error;
    const canForce = context?.verb === "install";
    const trying = context?.decided ? [] : optionsFor(items, found, drop, canForce, attempts, facts);
    const tried = await Promise.resolve(trying).catch((failed) => {
      if (failed instanceof TooMuch) return [];
      throw failed;
    });
    const options = tried.map(({ option }) => {
      const command = context && commandOf(option, items, context);
      return command === undefined ? option : { ...option, command };
    });
    const conflict: Conflict = {
      clashes: found.map((one) => one.clash),
      drop: drop.map((one) => one.root),
      options,
    };
    return conflictError(conflict, {
      doing: `resolve ${summary(read)}`,
      environment: context?.environment,
      target: request.target,
      told: error,
      resolves: context !== undefined,
    });
  } catch (failed) {
    if (failed instanceof TooMuch) return error;
    if (failed instanceof SkerryError) return failed.code === "SKE-INTERRUPTED" ? failed : error;
    throw failed;
  }
}

/** One clash after the other: each time one of its requirements is left out, until the rest can be resolved. */
async function clashesOf(
  items: readonly Item[],
  error: SkerryError,
  attempts: Attempts,
  facts: IndexFacts,
): Promise<{ readonly found: readonly FoundClash[]; readonly drop: readonly Item[] }> {
  const found: FoundClash[] = [];
  const drop: Item[] = [];
  for (let rest = items; ; ) {
    // The installer's words name those to try first; whether they were right is seen.
    const named = found.length === 0 ? rest.filter((one) => isNamed(one, error.details.chain)) : [];
    const fails = async (some: readonly Item[]) => !(await attempts.fits(some));
    const smaller = named.length > 0 && named.length < rest.length && (await fails(named));
    if (!smaller && !(await fails(rest))) return { found, drop };
    const next = await findClash(smaller ? named : rest, attempts, facts);
    const loser = loserOf(next.core);
    if (!loser) return { found, drop };
    found.push(next);
    drop.push(loser);
    rest = rest.filter((one) => one !== loser);
  }
}

function isNamed({ requirement: { name } }: Item, text: unknown): boolean {
  if (name === undefined || typeof text !== "string") return false;
  return new RegExp(`(^|[^a-z0-9-])${name}($|[^a-z0-9-])`).test(text.toLowerCase().replace(/[-_.]+/g, "-"));
}

/** Which of the requirements of a clash gives way: what was asked for last, and no constraint where there is another. */
function loserOf(core: readonly Item[]): Item | undefined {
  return (
    core.findLast((one) => one.root.by === "now") ?? core.findLast((one) => one.root.by === "before") ?? core.at(-1)
  );
}
