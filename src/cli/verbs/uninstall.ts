import type { PlannedChange } from "../../index.ts";
import { dryRun, environment } from "../grammar/options.ts";
import { openToChange } from "../invocation/this-folder.ts";
import type { Verb } from "../verb.ts";

/** `skerry uninstall ENVIRONMENT PACKAGE…` */
export default {
  summary: "Remove packages from an environment",
  operands: [environment, { name: "PACKAGE", description: "Name of an installed package", multiple: true }],
  options: {
    force: { type: "boolean", description: "Remove it although others require it; check tells what they miss" },
    "dry-run": dryRun,
  },
  examples: [["skerry uninstall web pillow", "Remove a package and what only it needed"]],
  async run(invocation) {
    const { output, library, operands, signal } = invocation;
    const { tellChange, tellPlan } = await import("../output/package-change.ts");
    const environment = await openToChange(invocation, await library.open());
    const dryRun = invocation.flag("dry-run");
    const options = { force: invocation.flag("force"), dryRun, signal };
    const change = await environment.packages.uninstall(operands.slice(1), options);
    if (dryRun) tellPlan(output, environment, change as PlannedChange);
    else await tellChange(output, environment, change);
    return 0;
  },
} satisfies Verb;
