import { environment } from "../grammar/options.ts";
import { openToChange } from "../invocation/this-folder.ts";
import type { Verb } from "../verb.ts";

/** `skerry restore ENVIRONMENT --at NUMBER` */
export default {
  summary: "Bring the packages of an environment back to an earlier state",
  operands: [environment],
  options: {
    at: {
      type: "string",
      value: "NUMBER",
      description: "The state's number, as skerry show --history lists them",
      required: true,
    },
  },
  examples: [["skerry restore web --at 3", "Have the packages of the third state"]],
  async run(invocation) {
    const { output, library, signal } = invocation;
    const { tellChange } = await import("../output/package-change.ts");
    const at = invocation.count("at")!;
    const environment = await openToChange(invocation, await library.open());
    await tellChange(output, environment, await environment.packages.restore(at, { signal }));
    return 0;
  },
} satisfies Verb;
