import { SkerryError } from "../../core/error.ts";
import type { PlannedChange } from "../../index.ts";
import { dryRun, environment, requirements, sources, upgrade } from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { requirementOptions, sourceFlags } from "../invocation/spec-options.ts";
import { openToChange } from "../invocation/this-folder.ts";
import type { Verb } from "../verb.ts";
import { tellRepair } from "./repair.ts";

/** `skerry sync ENVIRONMENT [-r FILE… | --adopt]` */
export default {
  summary: "Make an environment hold exactly what files name, or what its record says",
  description:
    "Without a file, what was changed by hand is reverted. With files, what isn't named is removed. A lock file (pylock.toml, uv.lock) is taken as it is, without asking for other versions; requirements keep the versions that are there where they fit.",
  operands: [environment],
  options: {
    ...requirements,
    upgrade,
    adopt: { type: "boolean", description: "Record what was changed by hand instead of reverting it" },
    "dry-run": dryRun,
    ...sources,
  },
  examples: [
    ["skerry sync web", "Revert what was installed, changed and removed by hand"],
    ["skerry sync web --adopt", "Keep it, and record it"],
    ["skerry sync web -r pylock.toml", "Install what a lock file holds, and remove the rest"],
    ["skerry sync web -r pyproject.toml --extra socks --group test", "Follow a project's own file"],
    ["skerry sync web -r requirements.txt --dry-run", "See what would change"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { output, library, environment: name, signal } = invocation;
  const { tellChange, tellPlan } = await import("../output/package-change.ts");
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
  else await tellChange(output, environment, change);
  return 0;
}
