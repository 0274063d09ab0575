import { isBroken } from "../../environments/repair/drift.ts";
import { describeDrift } from "../../environments/repair/drift-text.ts";
import type { Invocation } from "../invocation.ts";

/** `skerry check ENVIRONMENT`. Exits with 1 when something is wrong; what was put there by hand isn't. */
export default async function check(invocation: Invocation): Promise<number> {
  const { output, library, environment: name } = invocation;
  const environment = await (await library.open()).open(name);
  const { problems: files } = await environment.inspect();
  const problems = await environment.packages.check();
  const drift = environment.packages.drift({ deep: invocation.flag("deep") });
  const healthy = files.length + problems.length === 0 && !isBroken(drift);
  const about = { id: environment.id, name: environment.name };
  output.result({ environment: about, healthy, files, problems, drift }, () => {
    for (const problem of [...files, ...describeDrift(drift)]) output.print(problem);
    for (const { package: name, requirement, installed } of problems) {
      output.print(
        `${name} requires ${requirement}; ${installed ? `${installed} is installed` : "it isn't installed"}`,
      );
    }
    if (healthy) output.say(`nothing is wrong with ${environment.name}`);
  });
  return healthy ? 0 : 1;
}
