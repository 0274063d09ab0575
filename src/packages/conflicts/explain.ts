import { SkerryError } from "../../core/error.ts";
import type { Operation } from "../../core/operation.ts";
import { type ReadRequirements, readRequirements } from "../../python/requirement/files.ts";
import type { Installer, ResolveRequest } from "../installer.ts";
import { summary } from "../request-lines.ts";
import { Attempts, ahead, TooMuch } from "./attempts.ts";
import { type Clashes, clashIn, coreOf, type FoundClash } from "./clash.ts";
import { type ConflictContext, commandOf } from "./commands.ts";
import type { Conflict } from "./conflict.ts";
import { IndexFacts, type Inquiry } from "./index-facts.ts";
import { type Item, itemsOf } from "./item.ts";
import { optionsFor, startOptions } from "./options.ts";
import { isBound } from "./relax.ts";
import { conflictError } from "./tell.ts";

/** Until when ways out are tried, from the beginning of an explanation, and how long they may be tried at least. */
const OPTIONS_MS = { until: 30_000, least: 10_000 };
/** So many requirements are tried one by one before it is known which of them matter. */
const AHEAD = 4;

/**
 * Makes of an installer's refusal an error that tells the clash in full: `details.conflict` is a {@link Conflict}. It
 * costs further resolutions. Where they fail for another reason, or would go on for too long, the error stays as it is.
 * @param error `SKE-PKG-CONFLICT` or `SKE-PKG-VERSION`, as {@link Installer.resolve} throws it, or pip's
 * `SKE-PKG-BUILD`: looking for versions that fit, pip comes to build some that no longer can be; others are given back
 */
export async function explainConflict(
  error: unknown,
  { request, installer, context }: Pick<Refusal, "request" | "installer" | "context">,
  op: Operation,
): Promise<unknown> {
  const codes = installer.name === "pip" ? /^SKE-PKG-(CONFLICT|VERSION|BUILD)$/ : /^SKE-PKG-(CONFLICT|VERSION)$/;
  if (!(error instanceof SkerryError) || !codes.test(error.code)) return error;
  const read = request.read ?? readRequirements(request.requirements, request.cwd, request.settings.variables);
  const refusal = { error, request, installer, context, op, read };
  op.tell({ kind: "progress", phase: "explain", detail: "parts of what is asked for" });
  try {
    const wheels = error.code !== "SKE-PKG-VERSION" ? onlyWheels(refusal) : undefined;
    return (
      (wheels && (await explain({ ...refusal, read: wheels }, false))) ??
      (error.code === "SKE-PKG-BUILD" ? undefined : await explain(refusal, true)) ??
      error
    );
  } catch (failed) {
    if (failed instanceof TooMuch) return error;
    if (failed instanceof SkerryError) return failed.code === "SKE-INTERRUPTED" ? failed : error;
    throw failed;
  }
}

interface Refusal {
  readonly error: SkerryError;
  readonly request: ResolveRequest;
  readonly installer: Installer;
  readonly context: ConflictContext | undefined;
  readonly op: Operation;
  readonly read: ReadRequirements;
}

/**
 * The request for pip with wheels alone: to know what a source distribution requires, pip has to build it, and of an old
 * project it builds all of them one after the other. Undefined where the user wants sources.
 */
function onlyWheels({ installer, read, request }: Refusal): ReadRequirements | undefined {
  const source = read.options.noBinary.length > 0 || request.settings.pip["no-binary"];
  if (installer.name !== "pip" || source) return undefined;
  return { ...read, options: { ...read.options, onlyBinary: [...read.options.onlyBinary, ":all:"] } };
}

/** @param isRefused whether these very requirements were refused @returns undefined where no clash is found */
async function explain(refusal: Refusal, isRefused: boolean): Promise<SkerryError | undefined> {
  const { error, request, installer, context, op, read } = refusal;
  const items = itemsOf(read, request.preferences?.roots ?? []);
  await using attempts = new Attempts({ request, installer, read, items, op });
  const facts = new IndexFacts(attempts);
  // Hashes aren't looked at in attempts.
  if (isRefused && read.requirements.every((one) => one.hashes.length === 0)) attempts.know(items, false);
  const inquiry = { items, attempts, facts };
  const clashes = await clashesOf(error, context?.decided === true, inquiry);
  const { found, drop } = clashes;
  if (found.length === 0) return undefined;
  // Without sources something may seem to be missing that isn't.
  if (!isRefused && found.some(({ clash }) => clash.chains.length < 2 || clash.package === undefined)) return undefined;
  attempts.endIn(Math.max(OPTIONS_MS.until - (performance.now() - attempts.started), OPTIONS_MS.least));
  const canForce = context?.verb === "install";
  const tried = context?.decided ? [] : await optionsFor(clashes, canForce, inquiry);
  const options = tried.map(({ option }) => {
    const command = context && commandOf(option, items, context);
    return command === undefined ? option : { ...option, command };
  });
  const conflict: Conflict = { clashes: found.map((one) => one.clash), drop: drop.map((one) => one.root), options };
  return conflictError(conflict, {
    doing: `resolve ${summary(read)}`,
    environment: context?.environment,
    target: request.target.identity,
    told: error,
    resolves: context !== undefined,
  });
}

/** One clash after the other: each time one of its requirements is left out, until the rest can be resolved. */
async function clashesOf(error: SkerryError, decided: boolean, inquiry: Inquiry): Promise<Clashes> {
  const { items, attempts, facts } = inquiry;
  const found: FoundClash[] = [];
  const drop: Item[] = [];
  // A build that fails says nothing of what led to it.
  if (error.code === "SKE-PKG-BUILD" && (await attempts.fits(items))) return { found, drop };
  const { chain } = (error.code === "SKE-PKG-BUILD" ? attempts.refused : error)?.details ?? {};
  for (let rest = items; ; ) {
    // The installer's words name those to try first; whether they were right is seen.
    const named = found.length === 0 ? rest.filter((one) => isNamed(one, chain)) : [];
    const fails = async (some: readonly Item[]) => !(await attempts.fits(some));
    const namedFails = named.length > 0 && named.length < rest.length ? fails(named) : undefined;
    if (found.length === 0) startWith(named.length > 0 ? named : rest, attempts, facts);
    const smaller = await namedFails;
    if (!smaller && !(await fails(rest))) return { found, drop };
    const core = await coreOf(smaller ? named : rest, attempts);
    if (found.length === 0 && !decided) startOptions(core, inquiry);
    const next = await clashIn(core, attempts, facts);
    const loser = loserOf(next.core);
    if (!loser) return { found, drop };
    found.push(next);
    drop.push(loser);
    rest = rest.filter((one) => one !== loser);
  }
}

/** Starts what is asked first of a few requirements: what each leads to, and which versions there are. */
function startWith(some: readonly Item[], attempts: Attempts, facts: IndexFacts): void {
  if (some.length > AHEAD) return;
  for (const one of some) ahead(attempts.try([one]));
  facts.askFiles(some.filter(isBound).flatMap(({ requirement: { name } }) => name ?? []));
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
