import { environment } from "../grammar/options.ts";
import { openToChange } from "../invocation/this-folder.ts";
import type { Verb } from "../verb.ts";

/** `skerry undo ENVIRONMENT` */
export default {
  summary: "Take the last change of an environment's packages back",
  operands: [environment],
  options: {},
  examples: [["skerry undo web", "Have the packages from before the last install, uninstall or update"]],
  async run(invocation) {
    const { output, library, signal } = invocation;
    const { tellChange } = await import("../output/package-change.ts");
    const environment = await openToChange(invocation, await library.open());
    await tellChange(output, environment, await environment.packages.undo({ signal }));
    return 0;
  },
} satisfies Verb;
