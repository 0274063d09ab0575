import { facetOf } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import { type Lock, lockOfVersions } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import { EMPTY_REQUIREMENTS, type RequirementsSpec } from "../../core/spec.ts";
import { exists, readIfExists } from "../../platform/files.ts";
import { parseDirectUrl } from "../../python/direct-url.ts";
import { listDistributions } from "../../python/dist-info.ts";
import { type Context, realizedOf } from "../context.ts";
import { type DistributionDrift, packageDrift } from "../repair/drift.ts";
import { type NextPackages, resolveInstall } from "./install.ts";
import { need } from "./resolve.ts";
import { resolveUninstall } from "./uninstall.ts";

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
  const { distributions } = packageDrift(context, record, { shallow: true });
  const gone = distributions.filter(({ present }) => present === undefined).map(({ name }) => name);
  const added = distributions.filter(({ present }) => present !== undefined);
  const unchanged: NextPackages = { lock, constraints: record.spec.packages.constraints, asked: "" };
  const left =
    gone.length > 0 ? await resolveUninstall(context, { record, lock }, { remove: gone, force: true }, op) : unchanged;
  if (added.length === 0) return { ...left, asked: "what was changed by hand" };
  const asked = added.filter((one) => isRequested(context, record, one));
  const install = (from: Lock, some: readonly DistributionDrift[]) =>
    resolveInstall(
      context,
      { record, lock: withVersions(from, added) },
      { add: requirementsOf(context, record, some) },
      op,
    );
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

function requirementsOf(
  context: Context,
  record: EnvironmentRecord,
  some: readonly DistributionDrift[],
): RequirementsSpec {
  const requirements: string[] = [];
  const editables: string[] = [];
  for (const one of some) {
    const origin = parseDirectUrl(readIfExists(`${infoOf(context, record, one)}/direct_url.json`) ?? "");
    if (origin === undefined) requirements.push(`${one.name}==${one.present}`);
    else if ("editable" in origin) editables.push(origin.editable);
    else requirements.push(`${one.name} @ ${origin.url}`);
  }
  return { ...EMPTY_REQUIREMENTS, requirements, editables };
}

/** Whether an installer was asked for it by name. */
function isRequested(context: Context, record: EnvironmentRecord, one: DistributionDrift): boolean {
  return exists(`${infoOf(context, record, one)}/REQUESTED`);
}

/** The `.dist-info` folder of a distribution in the environment's own site-packages. */
function infoOf(context: Context, record: EnvironmentRecord, { name, present }: DistributionDrift): string {
  const { prefix, sitePackages } = need(facetOf(realizedOf(context, record), "layers"), record.name, "hold packages");
  const site = `${prefix}/${sitePackages}`;
  const found = listDistributions(site).find((one) => one.name === name && one.version === present);
  return `${site}/${found?.folder ?? `${name}-${present}.dist-info`}`;
}
