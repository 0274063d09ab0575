import { environment, shellOption } from "../grammar/options.ts";
import type { Verb } from "../verb.ts";

/** `skerry shell ENVIRONMENT` */
export default {
  summary: "Start a shell inside an environment",
  operands: [environment],
  options: { shell: shellOption },
  examples: [["skerry shell web", "Start your shell in the environment; leave it with exit"]],
  passesOn: true,
  async run(invocation) {
    const { library, environment: name, output, env } = invocation;
    const { renderActivation } = await import("../../index.ts");
    const { replaceWhenWarm, waitFor } = await import("../running/run-in.ts");
    const { shellInUse } = await import("../running/shell-in-use.ts");
    const { shellCommand } = await import("../running/shell-start.ts");
    const environment = await (await library.open()).open(name);
    const chosen = shellInUse(invocation.text("shell"), env);
    const run = `${environment.record.place}/run`;
    const activation = await environment.activation();
    const command = shellCommand(chosen, run, env, (kind) =>
      renderActivation(kind, activation, { name: environment.name }),
    );
    output.say(`in ${environment.name}; exit leaves it`);
    await replaceWhenWarm(invocation, { name: environment.name }, command);
    return waitFor(invocation, environment, command, undefined);
  },
} satisfies Verb;
