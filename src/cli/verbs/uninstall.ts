import type { PlannedChange } from "../../index.ts";
import type { Invocation } from "../invocation.ts";
import { tellChange, tellPlan } from "../package-change.ts";
import { openToChange } from "../this-folder.ts";

/** `skerry uninstall ENVIRONMENT PACKAGE…` */
export default async function uninstall(invocation: Invocation): Promise<number> {
  const { output, library, operands, signal } = invocation;
  const environment = await openToChange(invocation, await library.open());
  const dryRun = invocation.flag("dry-run");
  const options = { force: invocation.flag("force"), dryRun, signal };
  const change = await environment.packages.uninstall(operands.slice(1), options);
  if (dryRun) tellPlan(output, environment, change as PlannedChange);
  else tellChange(output, environment, change);
  return 0;
}
