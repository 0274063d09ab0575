import { SkerryError } from "../../core/error.ts";
import type { PlannedChange } from "../../index.ts";
import { dryRun, environment, sources } from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { sourceFlags } from "../invocation/spec-options.ts";
import { openToChange } from "../invocation/this-folder.ts";
import type { Verb } from "../verb.ts";

/** `skerry update ENVIRONMENT [PACKAGE…] [--all]` */
export default {
  summary: "Move packages of an environment to newer versions",
  description: "To the newest that what was asked for allows; install asks for something else.",
  operands: [
    environment,
    { name: "PACKAGE", description: "Name of an installed package", optional: true, multiple: true },
  ],
  options: {
    all: { type: "boolean", description: "Update every package" },
    "dry-run": dryRun,
    ...sources,
  },
  examples: [
    ["skerry update web django", "Update one package, and others where it requires that"],
    ["skerry update web --all --dry-run", "See what could be newer"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { output, library, environment: name, operands, signal } = invocation;
  const { tellChange, tellPlan } = await import("../output/package-change.ts");
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
  else await tellChange(output, environment, change);
  return 0;
}
