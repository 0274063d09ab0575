import { environment, running } from "../grammar/options.ts";
import type { Verb } from "../verb.ts";

/** `skerry exec ENVIRONMENT -- COMMAND…` */
export default {
  summary: "Run a command in an environment",
  operands: [environment],
  passthrough: true,
  options: running,
  examples: [
    ["skerry exec web -- python manage.py migrate", "Run a program of the environment"],
    ["skerry exec web --timeout 10m -- pytest", "Stop it when it takes longer than ten minutes"],
  ],
  passesOn: true,
  async run(invocation) {
    const { inEnvironment, runIn } = await import("../running/run-in.ts");
    return runIn(invocation, inEnvironment(invocation));
  },
} satisfies Verb;
