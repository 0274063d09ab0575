import { missingHint, missingNote } from "../../engines/launch.ts";
import { renderActivation } from "../../python/activation/render.ts";
import type { Invocation } from "../invocation.ts";
import { shellInUse } from "../shell-in-use.ts";

/** `skerry activate ENVIRONMENT`: code for `eval`. */
export default async function activate(invocation: Invocation): Promise<number> {
  const { library, environment: name, output, env } = invocation;
  const { kind } = shellInUse(invocation.text("shell"), env);
  const environment = await (await library.open()).open(name);
  const activation = environment.activation();
  const { missing } = activation;
  if (missing.length > 0) output.warn(missingNote(environment.name, missing), missingHint(missing));
  const code = renderActivation(kind, activation, { name: environment.name });
  output.result({ shell: kind, code }, () => output.verbatim(code));
  return 0;
}
