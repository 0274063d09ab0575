import { SkerryError } from "../../core/error.ts";
import type { Invocation } from "../invocation.ts";
import { tellChange, tellPlan } from "../package-change.ts";
import { requirementOptions, sourceFlags } from "../spec-options.ts";
import { openToChange } from "../this-folder.ts";

/** `skerry install ENVIRONMENT REQUIREMENT…` */
export default async function install(invocation: Invocation): Promise<number> {
  const { output, library, environment: name, operands, signal } = invocation;
  const asked = requirementOptions(invocation, operands.slice(1));
  if (Object.keys(asked).every((list) => list === "constraints")) {
    throw new SkerryError("SKE-USAGE", `Nothing to install in ${name} was named`, {
      hint: `name packages (skerry install ${name} requests), a file with -r, or a project with -e`,
    });
  }
  const overrides = invocation.texts("override");
  const how = {
    ...(invocation.flag("upgrade") ? { upgrade: "all" as const } : {}),
    ...(overrides.length > 0 ? { overrides } : {}),
    resolve: invocation.flag("resolve"),
    force: invocation.flag("force"),
    noDeps: invocation.flag("no-deps"),
    signal,
  };
  const skerry = await library.open(sourceFlags(invocation));
  const environment = await openToChange(invocation, skerry);
  if (invocation.flag("dry-run")) {
    const plan = await environment.packages.plan({ ...asked, ...how });
    if (!plan.ok) throw plan.error;
    tellPlan(output, environment, plan.change);
  } else tellChange(output, environment, await environment.packages.install({ ...asked, ...how }));
  return 0;
}
