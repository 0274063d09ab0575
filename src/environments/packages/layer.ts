import { facetOf } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import type { Operation } from "../../core/operation.ts";
import { type Context, realizedOf } from "../context.ts";
import { launchOf } from "../launch.ts";
import { hostOf, stateOf } from "./home.ts";

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
  const home = facetOf(realizedOf(context, record), "layers");
  if (!home.ok || home.use.mode !== "thin" || record.lock === null || record.status !== "ready") return record;
  const layer = home.use.source(hostOf(context));
  if (layer?.isWhole()) {
    noteLaunch(context, record);
    return record;
  }
  if (!layer && stateOf(context, record).lock.packages.every((one) => one.directory)) return record;
  const { repairEnvironment } = await import("../repair/repair.ts");
  return (await repairEnvironment(context, record.id, { safe: true }, op)).record;
}
