import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { canonicalJson } from "../../core/json.ts";
import type { Operation } from "../../core/operation.ts";
import { changeBetween, type PackageChange } from "../../core/package-change.ts";
import { EMPTY_REQUIREMENTS } from "../../core/spec.ts";
import type { HistoryEntry } from "../../ledger/history.ts";
import type { Context } from "../context.ts";
import { changePackages } from "./change.ts";
import { homeOf, hostOf, stateOf } from "./home.ts";

/** A move through the history of an environment's packages: a step, or to the entry of a number. */
export type HistoryMove = "undo" | "redo" | number;

/**
 * Moves an environment's packages to what they were at another point of their history. All comes from the store: the
 * network is used for nothing but wheels that it has lost.
 * @throws SKE-PKG-HISTORY, SKE-LOCKED, SKE-ENV-NOT-FOUND, and what installing fails with where something is lost
 */
export async function moveInHistory(
  context: Context,
  environment: EnvironmentRecord,
  move: HistoryMove,
  op: Operation,
): Promise<{ readonly record: EnvironmentRecord; readonly change: PackageChange }> {
  await askHooks(context, environment, move, op);
  let lost = async (): Promise<readonly string[]> => [];
  try {
    return await changePackages(
      context,
      environment.id,
      async (_, record) => {
        const entry = destinationOf(context, record, move);
        const { lock } = stateOf(context, { ...record, ...entry });
        const home = homeOf(context, record);
        const isWhole = await home.hasTrees(entry.trees);
        const projects = lock.packages.filter((one) => one.directory && !isWhole).map((one) => one.name);
        lost = async () => [...(await home.missing(hostOf(context), lock)), ...projects];
        return {
          lock,
          packages: entry.packages,
          operation: typeof move === "number" ? "restore" : move,
          asked: typeof move === "number" ? `--at ${move}` : "",
          entry: { n: entry.n, ...(isWhole ? { trees: entry.trees } : {}) },
        };
      },
      op,
    );
  } catch (error) {
    throw lostError(environment.name, await lost(), error);
  }
}

/** What comes and goes is asked like an installation of just these versions: all of it or nothing. @throws SKE-HOOK-REFUSED */
async function askHooks(context: Context, environment: EnvironmentRecord, move: HistoryMove, op: Operation) {
  const { lock } = stateOf(context, { ...environment, ...destinationOf(context, environment, move) });
  const { added, removed, changed } = changeBetween(stateOf(context, environment).lock, lock);
  const taken = [...added, ...changed.map(({ name, to }) => ({ name, version: to }))];
  const requirements = taken.map(({ name, version }) => (version === null ? name : `${name}==${version}`));
  const remove = removed.map(({ name }) => name);
  const asked = { add: { ...EMPTY_REQUIREMENTS, requirements }, remove };
  const { add, remove: less } = await context.hooks.ask("before-install", { environment, ...asked }, op);
  if (canonicalJson({ add, remove: less }) === canonicalJson(asked)) return;
  throw new SkerryError(
    "SKE-HOOK-REFUSED",
    `Could not change the packages of ${environment.name}: a hook wants others than that state of its history has`,
    {
      hint: "a state is taken as it was: install what you want with skerry install",
      details: { environment: environment.id },
    },
  );
}

function destinationOf({ ledger }: Context, { id, name }: EnvironmentRecord, move: HistoryMove): HistoryEntry {
  const entries = ledger.history.list(id);
  const present = entries.findIndex((one) => one.present);
  const found =
    typeof move === "number" ? entries.find(({ n }) => n === move) : entries[present + (move === "undo" ? -1 : 1)];
  if (found?.python) throw otherPython(name, id, found);
  if (found) return found;
  const what = typeof move === "number" ? `its history has no entry ${move}` : `there is nothing to ${move}`;
  throw new SkerryError("SKE-PKG-HISTORY", `Could not change the packages of ${name}: ${what}`, {
    hint: `skerry show ${name} --history lists what there is`,
    details: { environment: id, first: entries[0]?.n ?? null, last: entries.at(-1)?.n ?? null },
  });
}

/** Its lock was resolved for another Python, and may name files that don't work with this one. */
function otherPython(name: string, id: string, { n, python }: HistoryEntry): SkerryError {
  const what = `entry ${n} of its history is of another Python (${python})`;
  return new SkerryError("SKE-PKG-HISTORY", `Could not change the packages of ${name}: ${what}`, {
    hint: `install what it held with skerry install (skerry show ${name} --history lists it), or take that Python again first: skerry repair ${name} --python VERSION`,
    details: { environment: id, entry: n, python },
  });
}

function lostError(name: string, lost: readonly string[], error: unknown): unknown {
  const isOfInstaller = error instanceof SkerryError && /^SKE-(PKG|NETWORK|TOOL|TIMEOUT)/.test(error.code);
  if (!isOfInstaller || lost.length === 0) return error;
  const what = `${lost.slice(0, 5).join(", ")}${lost.length > 5 ? ` and ${lost.length - 5} more` : ""}`;
  return new SkerryError(
    error.code,
    `Could not bring ${name} back to that state: the store has lost ${what}, and building it again failed: ${error.message}`,
    {
      hint: error.hint ?? "the packages are as they were; try again where the index can be reached",
      details: { ...error.details, lost },
      cause: error,
    },
  );
}
