import { environment } from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { openToChange } from "../invocation/this-folder.ts";
import type { Verb } from "../verb.ts";

/** `skerry pin ENVIRONMENT` */
export default {
  summary: "Keep an environment from going by itself, whatever its time to live",
  operands: [environment],
  options: {},
  examples: [["skerry pin web", "Keep it until it is unpinned or removed by hand"]],
  run: (invocation) => setPinned(invocation, true),
} satisfies Verb;

/** Changes whether an environment goes by itself. @returns the exit status */
export async function setPinned(invocation: Invocation, pinned: boolean): Promise<number> {
  const { output, library } = invocation;
  const environment = await openToChange(invocation, await library.open());
  await environment.pin(pinned);
  output.result({ environment: environment.record }, () =>
    output.say(`${environment.name} ${pinned ? "stays until it is unpinned" : "is no longer pinned"}`),
  );
  return 0;
}
