import { readlinkSync } from "node:fs";
import type { LayersFacet } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import { isErrno } from "../../core/error.ts";
import type { Operation } from "../../core/operation.ts";
import { hasLostTimes, LAYER_LINK, type Layer, openLayer } from "../../store/layer.ts";
import { type Context, realizedOf } from "../context.ts";
import { launchOf } from "../launch.ts";
import { stateOf } from "./roll-back.ts";

/** The layer that a prefix reads its packages through, whose link is there and leads to it; undefined: there is none. */
export function layerOf({ paths }: Context, { prefix, sitePackages }: LayersFacet): Layer | undefined {
  try {
    const target = readlinkSync(`${prefix}/${sitePackages}/${LAYER_LINK}`);
    const key = /\/layers\/([0-9a-f]{64})\//.exec(target)?.[1];
    return key === undefined ? undefined : openLayer(paths, key);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EINVAL")) return undefined;
    throw error;
  }
}

/** Lets the warm path find the environment again, whose layer was made anew, or whose state folder was moved. */
function noteLaunch(context: Context, record: EnvironmentRecord): void {
  const { environments } = context.ledger;
  const known = environments.launch("id", record.id);
  const { launch } = launchOf(context, record, realizedOf(context, record));
  if (known && launch && known.launch !== JSON.stringify(launch)) environments.update(record.id, { launch });
}

/**
 * Makes the layer again that a thin environment reads its packages through, where it is gone, and gives a copied one its
 * times back. Costs two stats when it is there.
 * @returns the environment as it is then @throws whatever repairing it fails with
 */
export async function withLayer(
  context: Context,
  record: EnvironmentRecord,
  op: Operation,
): Promise<EnvironmentRecord> {
  const { layers } = realizedOf(context, record).facets;
  if (!layers.ok || layers.use.mode !== "thin" || record.lock === null || record.status !== "ready") return record;
  const layer = layerOf(context, layers.use);
  if (layer && !hasLostTimes(layer)) {
    noteLaunch(context, record);
    return record;
  }
  if (!layer && stateOf(context, record).lock.packages.every((one) => one.directory)) return record;
  const { repairEnvironment } = await import("../repair/repair.ts");
  return (await repairEnvironment(context, record.id, { safe: true }, op)).record;
}
