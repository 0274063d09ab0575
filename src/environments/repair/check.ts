import type { Realized } from "../../core/engine.ts";
import { facetOf } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import type { FaultKind } from "../../core/fault.ts";
import type { Operation } from "../../core/operation.ts";
import { isBroken, type PackageDrift } from "../../core/package-drift.ts";
import type { UnmetRequirement } from "../../packages/check.ts";
import { type Context, realizedOf } from "../context.ts";
import type { InstalledPackages } from "../packages/installed-packages.ts";
import { busy, lostError, refuseUnready } from "../unready.ts";

/** What a look at an environment found. */
export interface CheckReport {
  readonly healthy: boolean;
  /** What is wrong with what the engine made, for people. */
  readonly files: readonly string[];
  /** Requirements that nothing installed meets. */
  readonly problems: readonly UnmetRequirement[];
  /** What of the packages isn't as recorded. What was put there by hand is no fault. */
  readonly drift: PackageDrift;
}

/** An environment as it is recorded, as its engine made it, and its packages. */
interface Checked {
  readonly record: EnvironmentRecord;
  readonly realized: Realized;
  readonly packages: InstalledPackages;
}

/** How thoroughly to look. */
export interface CheckOptions {
  /** Read every file of the packages, instead of comparing sizes and times. */
  readonly deep?: boolean;
}

/**
 * Looks whether an environment is whole. It waits for nobody: what is found amiss counts only when nobody changed the
 * environment meanwhile.
 * @throws SKE-ENV-BUSY
 */
export async function checkEnvironment(
  context: Context,
  { record, realized, packages }: Checked,
  options: CheckOptions,
  op: Operation,
): Promise<CheckReport> {
  const before = refuseUnready(context, record.id);
  // Of one that was still being made when it was opened, the caller knows a part only.
  const whole = record.status === "ready" ? realized : realizedOf(context, before);
  const files = await wrongFiles(whole, record.name, op);
  // Of packages that someone else looks after, nothing is known.
  const problems = facetOf(whole, "layers").ok ? await packages.check() : [];
  const drift = await packages.drift(options);
  const healthy = files.length + problems.length === 0 && !isBroken(drift);
  if (!healthy) {
    const after = refuseUnready(context, record.id);
    if (context.ledger.intents.of(record.id) || after.lock !== before.lock || after.spec.python !== before.spec.python)
      throw busy(after.name, "changed");
  }
  return { healthy, files, problems, drift };
}

/** Files that belong to no package and make the prefix an environment: what stands in their place may be anybody's. */
const OWN: ReadonlySet<FaultKind> = new Set(["venv-config", "python-link", "activation"]);

async function wrongFiles(realized: Realized, name: string, op: Operation): Promise<readonly string[]> {
  const { state, problems } = await realized.inspect(op);
  if (state === "unknown") throw lostError("check", name, problems);
  const repair = facetOf(realized, "repair");
  if (state !== "ready" || !repair.ok) return problems;
  const faults = (await repair.use.diagnose(op)).filter(({ kind }) => OWN.has(kind));
  return [...new Set([...problems, ...faults.map(({ message }) => message)])];
}
