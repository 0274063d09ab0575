import { SkerryError } from "../../core/error.ts";
import type { PlannedChange } from "../../index.ts";
import type { Invocation } from "../invocation.ts";
import { tellChange, tellPlan } from "../package-change.ts";
import { sourceFlags } from "../spec-options.ts";
import { openToChange } from "../this-folder.ts";

/** `skerry update ENVIRONMENT [PACKAGE…] [--all]` */
export default async function update(invocation: Invocation): Promise<number> {
  const { output, library, environment: name, operands, signal } = invocation;
  const names = operands.slice(1);
  const all = invocation.flag("all");
  if (all === names.length > 0) {
    const what = all ? "Both packages and --all were named" : "No package was named";
    throw new SkerryError("SKE-USAGE", `${what}: which packages of ${name} shall be updated?`, {
      hint: `skerry update ${name} PACKAGE updates some, skerry update ${name} --all every one`,
    });
  }
  const dryRun = invocation.flag("dry-run");
  const skerry = await library.open(sourceFlags(invocation));
  const environment = await openToChange(invocation, skerry);
  const change = await environment.packages.update(all ? "all" : names, { dryRun, signal });
  if (dryRun) tellPlan(output, environment, change as PlannedChange);
  else tellChange(output, environment, change);
  return 0;
}
