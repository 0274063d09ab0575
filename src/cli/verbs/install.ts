import { SkerryError } from "../../core/error.ts";
import { conflicts, dryRun, environment, requirements, sources, upgrade } from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { requirementOptions, sourceFlags } from "../invocation/spec-options.ts";
import { openToChange } from "../invocation/this-folder.ts";
import type { Verb } from "../verb.ts";

/** `skerry install ENVIRONMENT REQUIREMENT…` */
export default {
  summary: "Install packages in an environment",
  operands: [
    environment,
    {
      name: "REQUIREMENT",
      description: "A package, as requests or 'requests>=2,<3'",
      optional: true,
      multiple: true,
    },
  ],
  options: {
    ...requirements,
    upgrade,
    ...sources,
    ...conflicts,
    force: {
      type: "boolean",
      description: "Install although what is there doesn't fit it; check tells what is broken",
    },
    "no-deps": { type: "boolean", description: "Install without what it requires" },
    "dry-run": dryRun,
  },
  examples: [
    ["skerry install web 'django>=5' pillow", "Install packages, all or none"],
    ["skerry install web -r requirements.txt -c constraints.txt", "Install what a file names"],
    ["skerry install web 'flask<3' --resolve", "Let a bound give way where requirements exclude each other"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { output, library, environment: name, operands, signal } = invocation;
  const { tellChange, tellPlan } = await import("../output/package-change.ts");
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
  } else await tellChange(output, environment, await environment.packages.install({ ...asked, ...how }));
  return 0;
}
