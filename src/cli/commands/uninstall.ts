import type { PlannedChange } from "../../index.ts";
import type { Invocation } from "../invocation.ts";
import { tellChange, tellPlan } from "../package-change.ts";

/** `skerry uninstall ENVIRONMENT PACKAGE…` */
export default async function uninstall(invocation: Invocation): Promise<number> {
  const { output, library, environment: name, operands, signal } = invocation;
  const environment = await (await library.open()).open(name);
  const dryRun = invocation.flag("dry-run");
  const options = { force: invocation.flag("force"), dryRun, signal };
  const change = await environment.packages.uninstall(operands.slice(1), options);
  if (dryRun) tellPlan(output, environment, change as PlannedChange);
  else tellChange(output, environment, change);
  return 0;
}
