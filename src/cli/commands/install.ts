import { SkerryError } from "../../core/error.ts";
import type { Invocation } from "../invocation.ts";
import { tellChange } from "../package-change.ts";
import { requirementOptions, sourceFlags } from "../spec-options.ts";

/** `skerry install ENVIRONMENT REQUIREMENT…` */
export default async function install(invocation: Invocation): Promise<number> {
  const { output, library, environment: name, operands, signal } = invocation;
  const asked = requirementOptions(invocation, operands.slice(1));
  if (Object.keys(asked).every((list) => list === "constraints")) {
    throw new SkerryError("SKE-USAGE", `Nothing to install in ${name} was named`, {
      hint: `name packages (skerry install ${name} requests), a file with -r, or a project with -e`,
    });
  }
  const upgrade = invocation.flag("upgrade") ? { upgrade: "all" as const } : {};
  const skerry = await library.open(sourceFlags(invocation));
  const environment = await skerry.open(name);
  tellChange(output, environment, await environment.packages.install({ ...asked, ...upgrade, signal }));
  return 0;
}
