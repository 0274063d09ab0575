import { facetOf } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import type { Fault, FaultKind } from "../../core/fault.ts";
import { lockDigest } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import { changeBetween } from "../../core/package-change.ts";
import { NO_DRIFT } from "../../core/package-drift.ts";
import type { PackageMode } from "../../core/spec.ts";
import { refuseTracked } from "../../git/tracked.ts";
import { type Context, realizedOf } from "../context.ts";
import { launchOf } from "../launch.ts";
import { busyError } from "../lifecycle/destroy.ts";
import { hold } from "../lifecycle/hold.ts";
import { stateOf } from "../packages/home.ts";
import { seeEnds } from "../running.ts";
import { refuseUnready } from "../unready.ts";
import { diagnose } from "./diagnose.ts";
import { describeDrift } from "./drift-text.ts";
import { type Aim, aimOf, isKept, mend, type RepairOptions } from "./repair-work.ts";

/** What repairing came to. */
export interface RepairReport {
  readonly environment: { readonly id: string; readonly name: string };
  /** What was wrong. */
  readonly faults: readonly Fault[];
  /** The kinds that were mended, or would be; empty when nothing had to be done. */
  readonly mended: readonly FaultKind[];
  /** What was put there by hand beside the recorded packages and is taken away, or would be, for people. */
  readonly removed: readonly string[];
  /** What differs from the record and is left as it is, for people. */
  readonly kept: readonly string[];
  /** The folder in which the packages for the former Python are kept, since something was put among them by hand. */
  readonly aside?: string;
}

/** What only a person can tell from an accident, and what Skerry must not take down. */
const DELIBERATE: ReadonlySet<FaultKind> = new Set([
  "files-changed",
  "packages-gone",
  "packages-replaced",
  "prefix-foreign",
  "project-changed",
]);

/** @param faults all that were found */
function isLeftAlone(
  kind: FaultKind,
  faults: readonly Fault[],
  mode: PackageMode,
  { safe, exact }: RepairOptions,
): boolean {
  if (kind === "packages-replaced" && mode === "thin") return !exact;
  // To build what is broken again would install what the project says by now.
  return (safe ?? false) && (DELIBERATE.has(kind) || faults.some((one) => one.kind === "project-changed"));
}

/**
 * Mends an environment: what its engine made, then the files of its packages. What was put there by hand beside them stays,
 * and so do edited configuration and certificates. Killed at any moment, it leaves an environment that can be repaired.
 * @throws SKE-PYTHON-NOT-FOUND when no interpreter of its line is left, SKE-ENV-EXISTS when something else stands at its
 * prefix, SKE-ENV-TRACKED, and whatever resolving and installing fail with
 */
export async function repairEnvironment(
  context: Context,
  id: string,
  options: RepairOptions,
  op: Operation,
): Promise<{ readonly record: EnvironmentRecord; readonly report: RepairReport }> {
  const { ledger } = context;
  const started = performance.now();
  await using held = options.dryRun ? undefined : await hold(context, id, "exclusive", op);
  const found = held?.record ?? refuseUnready(context, id);
  const { prefix } = options;
  const record = prefix === undefined ? found : { ...found, spec: { ...found.spec, prefix } };
  if (record.spec.prefix !== undefined) refuseTracked(record.spec.prefix);
  const { faults, drift } = await diagnose(context, record, options, op);
  const mode = record.spec.mode;
  const mendable = faults.filter(({ kind }) => !isLeftAlone(kind, faults, mode, options));
  const byHand = drift.distributions.filter((one) => one.present !== undefined && !isKept(one, mode, options));
  const report: RepairReport = {
    environment: { id, name: record.name },
    faults,
    mended: [...new Set(mendable.map(({ kind }) => kind))],
    removed: describeDrift({ ...NO_DRIFT, distributions: byHand.filter((one) => one.recorded === undefined) }),
    kept: describeDrift({
      ...NO_DRIFT,
      distributions: drift.distributions.filter((one) =>
        one.present === undefined ? options.safe : isKept(one, mode, options),
      ),
      files: drift.files.filter(
        ({ what }) => what === "edited" || what === "extra" || (options.safe && what === "changed"),
      ),
    }),
  };
  const isWhole = mendable.length + byHand.length === 0 && options.python === undefined;
  if (!held || isWhole) return { record, report };
  const aim = await aimOf(context, record, { ...options, mendable }, op);
  if (aim.isOtherLine) await seeEnds(context, ledger.processes.list(id), op);
  ledger.write(() => {
    // The files that it imports are about to go.
    const running = aim.isOtherLine ? ledger.processes.running(id) : [];
    if (running.length > 0) throw busyError("repair", record, running, `run: skerry rm --force ${record.name}`);
    // From here on collection leaves what is built for it alone.
    const target = aim.target ? { target: aim.target.identity } : {};
    held.begin({ kind: "repair", lock: ledger.locks.put(aim.lock), ...target });
  });
  // Where it fails, what was mended so far stays; what wasn't is found again.
  const { realized, trees, ...aside } = await mend(context, record, { drift, aim, options }, op);
  const stored = {
    state: realized.state,
    trees,
    lock: record.lock === null ? null : lockDigest(aim.lock),
    spec: { ...record.spec, ...aim.spec },
    place: record.place,
  };
  const tell = ledger.write(() => {
    ledger.environments.update(id, { ...stored, ...launchOf(context, { ...record, ...stored }, realized) });
    noteHistory(context, record, stored, { aim, asked: options.python ?? "" });
    return context.events.record(
      "environment.repaired",
      { faults: report.mended },
      { environment: record, durationMs: performance.now() - started },
    );
  });
  tell(op);
  await held.settle(op);
  const after = held.record;
  await expectMended(context, after, report, op);
  return { record: after, report: { ...report, ...aside } };
}

/** Other packages are a new entry of the history; private trees that were built again belong to the present one. */
function noteHistory(
  context: Context,
  record: EnvironmentRecord,
  { lock, trees }: Pick<EnvironmentRecord, "lock" | "trees">,
  { aim, asked }: { readonly aim: Aim; readonly asked: string },
): void {
  const { history } = context.ledger;
  const layers = facetOf(realizedOf(context, record), "layers");
  if (aim.target && layers.ok && aim.isOtherLine)
    history.changePython(record.id, layers.use.target.identity.abi, aim.target.identity.abi);
  const present = history.list(record.id).find((entry) => entry.present);
  if (!present) return;
  if (lock === record.lock) {
    history.moveTo(record.id, present.n, trees);
    return;
  }
  const { lock: before } = stateOf(context, record);
  const change = changeBetween(before, aim.lock);
  const { packages } = record.spec;
  history.append(record.id, { lock, trees, packages, operation: "repair", asked, change });
}

/** @throws SKE-ENV-BROKEN when something that was to be mended is still wrong */
async function expectMended(
  context: Context,
  record: EnvironmentRecord,
  { mended }: RepairReport,
  op: Operation,
): Promise<void> {
  const { faults } = await diagnose(context, record, {}, op);
  const still = faults.filter(({ kind }) => mended.includes(kind));
  if (still.length === 0) return;
  throw new SkerryError(
    "SKE-ENV-BROKEN",
    `Repaired ${record.name}, but something is wrong still: ${still.map(({ message }) => message).join("; ")}`,
    { hint: `remove it and create it again: skerry rm ${record.name}`, details: { faults: still } },
  );
}
