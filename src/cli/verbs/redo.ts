import type { Invocation } from "../invocation.ts";
import { environment } from "../options.ts";
import { openToChange } from "../this-folder.ts";
import type { Verb } from "../verb.ts";

/** `skerry redo ENVIRONMENT` */
export default {
  summary: "Make the change of packages again that was undone",
  operands: [environment],
  options: {},
  examples: [["skerry redo web", "Take an undo back"]],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { output, library, signal } = invocation;
  const { tellChange } = await import("../package-change.ts");
  const environment = await openToChange(invocation, await library.open());
  tellChange(output, environment, await environment.packages.redo({ signal }));
  return 0;
}
