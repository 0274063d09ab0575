import type { EnvironmentRecord } from "../../core/environment.ts";
import { type Lock, lockOfVersions } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import type { DistributionDrift } from "../../core/package-drift.ts";
import type { Distribution } from "../../core/package-home.ts";
import { EMPTY_REQUIREMENTS, type RequirementsSpec } from "../../core/spec.ts";
import { parseDirectUrl } from "../../python/direct-url.ts";
import type { Context } from "../context.ts";
import { homeOf, packageDrift } from "./home.ts";
import { type NextPackages, resolveInstall } from "./install.ts";
import { resolveUninstall } from "./uninstall.ts";

/** A distribution that was put there by hand, with its metadata. */
interface ByHand extends DistributionDrift {
  readonly found: Distribution | undefined;
}

/**
 * Resolves what was installed, upgraded and removed by hand as if it had been asked for: packages that an installer was
 * asked for by name become requirements of the version that is there, and so does what nothing requires. Changes nothing.
 * @throws SKE-PKG-CONFLICT and others when what is there can't be had, or doesn't fit
 */
export async function resolveAdopted(
  context: Context,
  record: EnvironmentRecord,
  lock: Lock,
  op: Operation,
): Promise<NextPackages> {
  const { distributions } = await packageDrift(context, record, { shallow: true });
  const found = new Map((await homeOf(context, record).installed()).map((one) => [one.name, one]));
  const gone = distributions.filter(({ present }) => present === undefined).map(({ name }) => name);
  const added = distributions
    .filter(({ present }) => present !== undefined)
    .map((one): ByHand => ({ ...one, found: found.get(one.name) }));
  const unchanged: NextPackages = { lock, constraints: record.spec.packages.constraints, asked: "" };
  const left =
    gone.length > 0 ? await resolveUninstall(context, { record, lock }, { remove: gone, force: true }, op) : unchanged;
  if (added.length === 0) return { ...left, asked: "what was changed by hand" };
  const asked: ByHand[] = [];
  // Which an installer was asked for by name.
  for (const one of added) if ((await one.found?.readText("REQUESTED")) !== undefined) asked.push(one);
  const install = async (from: Lock, some: readonly ByHand[]) =>
    resolveInstall(context, { record, lock: withVersions(from, added) }, { add: await requirementsOf(some) }, op);
  const next = await install(left.lock, asked.length > 0 ? asked : added);
  const missing = added.filter(({ name }) => !next.lock.packages.some((one) => one.name === name));
  const whole = missing.length > 0 ? await install(next.lock, missing) : next;
  return { ...whole, asked: "what was changed by hand" };
}

/** The lock with the versions that are there in place of its own: to be preferred. */
function withVersions(lock: Lock, added: readonly DistributionDrift[]): Lock {
  const versions = lockOfVersions(Object.fromEntries(added.map(({ name, present }) => [name, present!])));
  const others = lock.packages.filter(({ name }) => !added.some((one) => one.name === name));
  return { ...lock, packages: [...others, ...versions.packages].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

async function requirementsOf(some: readonly ByHand[]): Promise<RequirementsSpec> {
  const requirements: string[] = [];
  const editables: string[] = [];
  for (const { name, present, found } of some) {
    const origin = parseDirectUrl((await found?.readText("direct_url.json")) ?? "");
    if (origin === undefined) requirements.push(`${name}==${present}`);
    else if ("editable" in origin) editables.push(origin.editable);
    else requirements.push(`${name} @ ${origin.url}`);
  }
  return { ...EMPTY_REQUIREMENTS, requirements, editables };
}
