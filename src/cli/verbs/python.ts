import { SkerryError } from "../../core/error.ts";
import type { Invocation } from "../invocation.ts";

/** `skerry python list` and `skerry python find [REQUEST]` */
export default async function python(invocation: Invocation): Promise<number> {
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
