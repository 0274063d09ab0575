import { facetOf, type Realized } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { EMPTY_LOCK } from "../../core/lock.ts";
import { type DriftOptions, NO_DRIFT, type PackageDrift } from "../../core/package-drift.ts";
import type { PackageHome, PackageHost, PackageState } from "../../core/package-home.ts";
import { type Context, realizedOf } from "../context.ts";
import { installerFor, need } from "./resolve.ts";

/** Where the packages of an environment are. @throws SKE-FACET-ABSENT for one that holds none */
export function homeOf(
  context: Context,
  record: EnvironmentRecord,
  realized: Realized = realizedOf(context, record),
): PackageHome {
  return need(facetOf(realized, "layers"), record.name, "hold packages");
}

/** What homes for packages are given. */
export function hostOf(context: Context): PackageHost {
  const { paths, events } = context;
  return {
    paths,
    async install(packages, { installer: choice, ...into }, op) {
      const { installer } = await installerFor(context, choice, into.target, op);
      await installer.install(packages, into, op);
    },
    tellLayer: (built, op) => events.emit(op, "layer.built", built),
    tellDamage: (found, op) =>
      events.emit(op, "tree.damaged", { ...found, environments: holders(context, found.package) }),
  };
}

/** Names of the environments with a package, `name==version`: they link to its files. */
function holders({ ledger: { environments, locks } }: Context, of: string): string[] {
  const project = of.split("==")[0];
  const holds = ({ lock }: EnvironmentRecord) =>
    lock !== null && (locks.get(lock)?.packages.some(({ name }) => name === project) ?? false);
  return [...environments.list(), ...environments.list({ cached: true })].filter(holds).map(({ name }) => name);
}

/** What differs between the packages of an environment and its record; of one that holds none, nothing. @throws SKE-STATE-CORRUPT */
export async function packageDrift(
  context: Context,
  record: EnvironmentRecord,
  options: DriftOptions = {},
): Promise<PackageDrift> {
  const home = facetOf(realizedOf(context, record), "layers");
  return home.ok ? home.use.drift(hostOf(context), stateOf(context, record), options) : NO_DRIFT;
}

/** The packages that an environment is recorded to have. @throws SKE-STATE-CORRUPT */
export function stateOf(context: Context, record: EnvironmentRecord): PackageState {
  const lock = record.lock === null ? EMPTY_LOCK : context.ledger.locks.get(record.lock);
  if (!lock)
    throw new SkerryError("SKE-STATE-CORRUPT", `The lock of ${record.name} isn't in the ledger`, {
      hint: "create the environment anew",
    });
  return { lock, trees: record.trees };
}

/** Removes private trees of an environment that the ledger doesn't name. The caller holds its lease. */
export async function sweepTrees(context: Context, record: EnvironmentRecord): Promise<void> {
  const home = facetOf(realizedOf(context, record), "layers");
  if (home.ok) await home.use.sweepTrees(context.ledger.treesOf(record.id));
}
