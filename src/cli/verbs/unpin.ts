import { environment } from "../grammar/options.ts";
import type { Verb } from "../verb.ts";
import { setPinned } from "./pin.ts";

/** `skerry unpin ENVIRONMENT` */
export default {
  summary: "Let the time to live of an environment count again",
  operands: [environment],
  options: {},
  examples: [["skerry unpin web", "Take a pin away"]],
  run: (invocation) => setPinned(invocation, false),
} satisfies Verb;
