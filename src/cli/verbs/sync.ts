import { SkerryError } from "../../core/error.ts";
import type { PlannedChange } from "../../index.ts";
import type { Invocation } from "../invocation.ts";
import { tellChange, tellPlan } from "../package-change.ts";
import { requirementOptions, sourceFlags } from "../spec-options.ts";
import { openToChange } from "../this-folder.ts";
import { tellRepair } from "./repair.ts";

/** `skerry sync ENVIRONMENT [-r FILE… | --adopt]` */
export default async function sync(invocation: Invocation): Promise<number> {
  const { output, library, environment: name, signal } = invocation;
  const asked = requirementOptions(invocation, []);
  const isNamed = Object.keys(asked).some((list) => list !== "constraints");
  const adopts = invocation.flag("adopt");
  if (adopts && isNamed) {
    throw new SkerryError("SKE-USAGE", "--adopt takes what is there, and so no file", {
      hint: `skerry sync ${name} --adopt, or skerry sync ${name} -r FILE`,
    });
  }
  const upgrade = invocation.flag("upgrade") ? { upgrade: "all" as const } : {};
  const dryRun = invocation.flag("dry-run");
  const skerry = await library.open(sourceFlags(invocation));
  const environment = await openToChange(invocation, skerry);
  if (!isNamed && !adopts) {
    const report = await environment.repair({ exact: true, dryRun, signal });
    output.result({ ...report, dryRun }, () => tellRepair(output, report, dryRun));
    return 0;
  }
  const change = adopts
    ? await environment.packages.adopt({ dryRun, signal })
    : await environment.packages.sync({ ...asked, ...upgrade, dryRun, signal });
  if (dryRun) tellPlan(output, environment, change as PlannedChange);
  else tellChange(output, environment, change);
  return 0;
}
