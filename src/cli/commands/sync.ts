import { SkerryError } from "../../core/error.ts";
import type { PlannedChange } from "../../index.ts";
import type { Invocation } from "../invocation.ts";
import { tellChange, tellPlan } from "../package-change.ts";
import { requirementOptions, sourceFlags } from "../spec-options.ts";

/** `skerry sync ENVIRONMENT -r FILE…` */
export default async function sync(invocation: Invocation): Promise<number> {
  const { output, library, environment: name, signal } = invocation;
  const asked = requirementOptions(invocation, []);
  if (Object.keys(asked).every((list) => list === "constraints")) {
    throw new SkerryError("SKE-USAGE", `What ${name} should hold was not named`, {
      hint: `name a file with -r, such as pylock.toml, pyproject.toml or requirements.txt`,
    });
  }
  const upgrade = invocation.flag("upgrade") ? { upgrade: "all" as const } : {};
  const dryRun = invocation.flag("dry-run");
  const skerry = await library.open(sourceFlags(invocation));
  const environment = await skerry.open(name);
  const change = await environment.packages.sync({ ...asked, ...upgrade, dryRun, signal });
  if (dryRun) tellPlan(output, environment, change as PlannedChange);
  else tellChange(output, environment, change);
  return 0;
}
