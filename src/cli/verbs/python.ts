import { SkerryError } from "../../core/error.ts";
import type { Invocation } from "../invocation/invocation.ts";
import type { Verb } from "../verb.ts";

/** `skerry python list` and `skerry python find [REQUEST]` */
export default {
  summary: "List the Python interpreters of this machine, or find the one that a request means",
  operands: [
    { name: "ACTION", description: "What to do: list or find", choices: ["list", "find"] },
    {
      name: "REQUEST",
      description: "With find: 3.12, '>=3.10,<3.13', pypy3.10, or a path",
      optional: true,
      complete: "python",
    },
  ],
  options: { all: { type: "boolean", description: "With list: tell the unusable ones too, with the reason" } },
  examples: [
    ["skerry python list", "List the interpreters that can be used"],
    ["skerry python find '>=3.11'", "Print the path of the one that would be taken"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { output, library, operands, signal } = invocation;
  const [action, request] = operands;
  if (action === "list" && request !== undefined) {
    throw new SkerryError("SKE-USAGE", "skerry python list takes no request", {
      hint: `skerry python find ${JSON.stringify(request)} finds one`,
    });
  }
  const { pythons } = await library.open();
  if (action === "find") {
    const found = await pythons.find(request, { signal });
    output.result({ python: found }, () => output.print(found.path));
    return 0;
  }
  const { found, rejected } = await pythons.list({ signal });
  output.result({ found, rejected }, () => {
    if (found.length === 0) output.say("no usable interpreter was found");
    output.table(
      ["VERSION", "IMPLEMENTATION", "PATH"],
      found.map((one) => [one.version, one.implementation + (one.freeThreaded ? " (free-threaded)" : ""), one.path]),
    );
    if (invocation.flag("all")) for (const { reason } of rejected) output.print(reason);
  });
  return 0;
}
