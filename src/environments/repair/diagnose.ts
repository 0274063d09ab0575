import { existsSync, realpathSync } from "node:fs";
import { facetOf } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import type { Fault, FaultKind } from "../../core/fault.ts";
import type { Operation } from "../../core/operation.ts";
import { type FileDrift, NO_DRIFT, type PackageDrift } from "../../core/package-drift.ts";
import { type Context, realizedOf } from "../context.ts";
import { packageDrift } from "../packages/home.ts";
import { lostError } from "../unready.ts";
import { describeDrift } from "./drift-text.ts";

/** All that is wrong with an environment. */
export interface Diagnosis {
  readonly faults: readonly Fault[];
  /** Empty while there is no prefix to look into. */
  readonly drift: PackageDrift;
}

/** Looks at what an engine made, then at the packages. Changes nothing. */
export async function diagnose(
  context: Context,
  record: EnvironmentRecord,
  options: { readonly deep?: boolean },
  op: Operation,
): Promise<Diagnosis> {
  const realized = realizedOf(context, record);
  const repair = facetOf(realized, "repair");
  const before = context.ledger.environments.placeOf(record.id);
  const moved: Fault[] =
    before === undefined || before === record.place || isSamePlace(before, record.place)
      ? []
      : [{ kind: "home-moved", message: `it was in ${before} and is in ${record.place}` }];
  if (!repair.ok) {
    const { state, problems } = await realized.inspect(op);
    if (state === "unknown") throw lostError("look at", record.name, problems);
    const faults = problems.map((message): Fault => ({ kind: "place", message }));
    return { faults: [...moved, ...faults], drift: NO_DRIFT };
  }
  const faults = [...moved, ...(await repair.use.diagnose(op))];
  const hasPrefix = !faults.some(({ kind }) => kind === "prefix-gone" || kind === "prefix-foreign");
  const drift = hasPrefix ? await packageDrift(context, record, options) : NO_DRIFT;
  return { faults: [...faults, ...packageFaults(drift)], drift };
}

/** One folder under two names, such as a state folder that is reached through a link. */
function isSamePlace(a: string, b: string): boolean {
  return existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b);
}

function packageFaults({ distributions, files, layerLost }: PackageDrift): Fault[] {
  const filesThat = (...what: FileDrift["what"][]) => files.filter((file) => what.includes(file.what));
  const parts: readonly [FaultKind, Partial<PackageDrift>][] = [
    ["layer-lost", { layerLost }],
    ["packages-gone", { distributions: distributions.filter((one) => one.present === undefined) }],
    ["packages-replaced", { distributions: distributions.filter((one) => one.present && one.recorded !== undefined) }],
    ["files-missing", { files: filesThat("missing") }],
    ["files-changed", { files: filesThat("changed") }],
    ["store-damaged", { files: filesThat("damaged") }],
  ];
  return parts.flatMap(([kind, part]) => {
    const lines = describeDrift({ ...NO_DRIFT, ...part });
    return lines.length === 0 ? [] : [{ kind, message: lines.join("; ") }];
  });
}
