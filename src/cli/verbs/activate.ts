import { environment, shellOption } from "../grammar/options.ts";
import type { Verb } from "../verb.ts";

/** `skerry activate ENVIRONMENT`: code for `eval`. */
export default {
  summary: "Print the code that makes the current shell enter an environment",
  operands: [environment],
  options: { shell: shellOption },
  examples: [
    ['eval "$(skerry activate web)"', "Enter the environment in bash or zsh; leave it with deactivate"],
    ["skerry activate web | source", "Enter the environment in fish"],
  ],
  async run(invocation) {
    const { library, environment: name, output, env } = invocation;
    const { shellInUse } = await import("../running/shell-in-use.ts");
    const { missingHint, missingNote, renderActivation } = await import("../../index.ts");
    const { kind } = shellInUse(invocation.text("shell"), env);
    const environment = await (await library.open()).open(name);
    const activation = await environment.activation();
    const { missing } = activation;
    if (missing.length > 0) {
      output.warn(missingNote(environment.name, missing), missingHint(missing));
    }
    const code = renderActivation(kind, activation, { name: environment.name });
    output.result({ shell: kind, code }, () => output.verbatim(code));
    return 0;
  },
} satisfies Verb;
