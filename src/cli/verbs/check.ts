import { describeDrift } from "../../environments/repair/drift-text.ts";
import type { Invocation } from "../invocation.ts";

/** `skerry check ENVIRONMENT`. Exits with 1 when something is wrong; what was put there by hand isn't. */
export default async function check(invocation: Invocation): Promise<number> {
  const { output, library, environment: name, signal } = invocation;
  const environment = await (await library.open()).open(name);
  const report = await environment.check({ deep: invocation.flag("deep"), signal });
  const about = { id: environment.id, name: environment.name };
  output.result({ environment: about, ...report }, () => {
    for (const problem of [...report.files, ...describeDrift(report.drift)]) output.print(problem);
    for (const { package: name, requirement, installed } of report.problems) {
      output.print(
        `${name} requires ${requirement}; ${installed ? `${installed} is installed` : "it isn't installed"}`,
      );
    }
    if (report.healthy) output.say(`nothing is wrong with ${environment.name}`);
  });
  return report.healthy ? 0 : 1;
}
