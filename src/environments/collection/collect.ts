import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import type { Operation } from "../../core/operation.ts";
import { throwIfStopped } from "../../core/operation.ts";
import { acquireLease, type Lease, tryLease } from "../../platform/lease.ts";
import { removeTree } from "../../platform/remove.ts";
import { lastUse } from "../../store/last-use.ts";
import { withdraw } from "../../store/withdraw.ts";
import type { Context } from "../context.ts";
import { cachedLease } from "../lifecycle/cached.ts";
import { removeNow } from "../lifecycle/destroy.ts";
import { collectExpired, expired } from "../lifecycle/expire.ts";
import { holdIfFree } from "../lifecycle/hold.ts";
import { seeEnds } from "../running.ts";
import { type Choice, planCollection } from "./collect-plan.ts";
import { type Collected, type CollectionReport, Report } from "./collect-report.ts";
import { sweepFolders, sweepRows } from "./collect-rest.ts";
import { type Found, survey } from "./collect-survey.ts";
import { StoreUse } from "./store-use.ts";

/** What to collect. */
export interface CollectionOptions {
  /** What nobody used for so long goes, in milliseconds; 0 for everything that isn't in use now. */
  readonly maxAgeMs: number;
  /** The least recently used goes until the rest has so many bytes at most. */
  readonly maxBytes: number;
  /** Only tell what would go. */
  readonly dryRun?: boolean;
  /** Beside other work: takes a second at most, leaves the rest for another time, and leaves alone what may be somebody's. */
  readonly isAutomatic?: boolean;
}

/** How many trees and layers are taken out of the store in one transaction: a rename or two each. */
const BATCH = 20;

const IN_USE = "is in use";

/** Errors with which an environment stays. */
const STAYS: ReadonlySet<string> = new Set(["SKE-ENV-BUSY", "SKE-HOOK-REFUSED", "SKE-ENGINE-LOST"]);

/** How long an automatic collection goes on beginning with something, in milliseconds. */
const AUTOMATIC_MS = 1000;

const LEASE = "gc";

/**
 * Removes what nobody uses: cached environments, layers and trees by the time of their last use and by size, and what
 * has no use any more at all: rows, lock files, tools that newer ones have replaced, leftovers. Waits for nobody but
 * another collection: what is busy stays. It can be killed at any moment.
 * @throws SKE-LOCKED, SKE-IO, SKE-ENGINE-UNKNOWN
 */
export async function collect(context: Context, options: CollectionOptions, op: Operation): Promise<CollectionReport> {
  using _lease = options.dryRun ? undefined : await onlyOne(context, op);
  return await collectHeld(context, options, op);
}

/** {@link collect}, unless another process is at it. @returns undefined then */
export async function collectIfFree(
  context: Context,
  options: CollectionOptions,
  op: Operation,
): Promise<CollectionReport | undefined> {
  using lease = tryLease(context.paths, LEASE, "exclusive");
  return lease && (await collectHeld(context, options, op));
}

async function onlyOne(context: Context, op: Operation): Promise<Lease> {
  const timeoutMs = (await context.safeConfig()).lock_timeout;
  return acquireLease(context.paths, LEASE, { mode: "exclusive", timeoutMs, op });
}

async function collectHeld(context: Context, options: CollectionOptions, op: Operation): Promise<CollectionReport> {
  const { dryRun = false, isAutomatic = false, maxAgeMs, maxBytes } = options;
  const deadline = isAutomatic ? performance.now() + AUTOMATIC_MS : Number.POSITIVE_INFINITY;
  const now = Date.now();
  const usedBefore = now - maxAgeMs;
  const report = new Report(dryRun);
  if (!isAutomatic) await seeEnds(context, context.ledger.processes.list(), op);
  // Every command that opens the state removes some of these; this one removes them all.
  if (!isAutomatic) await collectDue(context, report, op);
  const sizes = !isAutomatic || Number.isFinite(maxBytes);
  const { candidates, use, total } = survey(context, now, { dryRun, sizes });
  report.size = total;
  const choices = planCollection(candidates, use, total, { usedBefore, maxBytes });
  if (dryRun) {
    for (const choice of choices) report.add(collected(choice), report.measure(choice.candidate.parts));
  } else {
    const isLate = () => {
      throwIfStopped(op);
      return performance.now() > deadline;
    };
    for (const choice of choices) {
      if (choice.candidate.record && !isLate()) await collectEnvironment(context, choice, report, op);
    }
    const ofStore = choices.filter(({ candidate }) => candidate.entry);
    // Anew, for the environments that went hold nothing any more.
    const left = new StoreUse(context);
    left.refresh();
    for (let at = 0; at < ofStore.length && !isLate(); at += BATCH)
      await collectEntries(context, left, ofStore.slice(at, at + BATCH), report);
    sweepRows(context, left, usedBefore, report);
  }
  await sweepFolders(context, { dryRun, usedBefore, deadline, isAutomatic }, report, op);
  const done = report.finish();
  if (!dryRun && done.collected.length > 0) {
    const count = (kind: Collected["kind"]) => done.collected.filter((one) => one.kind === kind).length;
    context.events.emit(
      op,
      "store.collected",
      { environments: count("environment"), layers: count("layer"), trees: count("tree"), bytes: done.bytes },
      { durationMs: Date.now() - now },
    );
  }
  return done;
}

/** Environments with a policy of their own whose time has come. */
async function collectDue(context: Context, report: Report, op: Operation): Promise<void> {
  const due = await expired(context, op);
  const sizes = new Map(
    due.map(({ environment: { id, place, spec } }) => [
      id,
      report.measure([place, ...(spec.prefix ? [spec.prefix] : [])]),
    ]),
  );
  const gone = report.dryRun ? due : await collectExpired(context, op, Number.POSITIVE_INFINITY);
  for (const { environment } of gone) {
    const { id, name, usedAt } = environment;
    report.add({ kind: "environment", id, name, usedAt, why: "expired" }, sizes.get(id) ?? 0);
  }
}

function collected({ candidate, why }: Choice<Found>): Omit<Collected, "bytes"> {
  const { kind, id, name, usedAt } = candidate;
  return { kind, id, name, usedAt, why };
}

/** Removes a cached environment, unless somebody has it in hand. */
async function collectEnvironment(
  context: Context,
  choice: Choice<Found>,
  report: Report,
  op: Operation,
): Promise<void> {
  const { ledger, paths } = context;
  const record = choice.candidate.record!;
  // Who asks for it waits for its removal, and then makes it anew.
  using asked = tryLease(paths, cachedLease(record.cacheKey!), "exclusive");
  await using held = asked && (await holdIfFree(context, record.id, "removal", op));
  if (!held) return report.skip(collected(choice), IN_USE);
  const bytes = report.measure([record.place]);
  // Asked inside the transaction that begins the removal.
  const onlyWhen = (now: EnvironmentRecord) => {
    const isIdle = now.status === "ready" && !now.pinned && now.usedAt === record.usedAt && !ledger.intents.of(now.id);
    return isIdle ? choice.why : undefined;
  };
  try {
    await context.hooks.ask("before-destroy", { environment: record }, op);
    if (await removeNow(context, held, op, { onlyWhen })) report.add(collected(choice), bytes);
    else report.skip(collected(choice), IN_USE);
  } catch (error) {
    if (!(error instanceof SkerryError) || !STAYS.has(error.code)) throw error;
    report.skip(collected(choice), error.code === "SKE-ENV-BUSY" ? IN_USE : error.message);
  }
}

/** Takes trees and layers out of the store that nobody uses at that moment, and removes their files. */
async function collectEntries(
  context: Context,
  use: StoreUse,
  choices: readonly Choice<Found>[],
  report: Report,
): Promise<void> {
  const gone = context.ledger.write(() => {
    use.refresh();
    return choices.map((choice) => {
      const entry = choice.candidate.entry!;
      const isFree = !use.isHeld(entry.key) && lastUse(entry.manifest) === choice.candidate.noted;
      return { choice, paths: isFree ? withdraw(context.paths, entry) : undefined };
    });
  });
  for (const { choice, paths } of gone) {
    if (!paths) report.skip(collected(choice), IN_USE);
    else report.add(collected(choice), report.measure(paths));
    // What couldn't be moved is swept with the rest, behind the lease under which it would be made anew.
    for (const path of paths ?? []) if (path !== choice.candidate.entry!.root) await removeTree(path);
  }
}
