import { SkerryError } from "../../core/error.ts";
import type { Invocation } from "../invocation.ts";
import { tellChange } from "../package-change.ts";
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
  tellChange(output, environment, await environment.packages.sync({ ...asked, ...upgrade, dryRun, signal }));
  return 0;
}
