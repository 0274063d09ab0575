import { environment } from "../grammar/options.ts";
import { openToChange } from "../invocation/this-folder.ts";
import type { Verb } from "../verb.ts";

/** `skerry redo ENVIRONMENT` */
export default {
  summary: "Make the change of packages again that was undone",
  operands: [environment],
  options: {},
  examples: [["skerry redo web", "Take an undo back"]],
  async run(invocation) {
    const { output, library, signal } = invocation;
    const { tellChange } = await import("../output/package-change.ts");
    const environment = await openToChange(invocation, await library.open());
    await tellChange(output, environment, await environment.packages.redo({ signal }));
    return 0;
  },
} satisfies Verb;
