import { environment } from "../grammar/options.ts";
import type { Verb } from "../verb.ts";

/** `skerry check ENVIRONMENT`. Exits with 1 when something is wrong; what was put there by hand isn't. */
export default {
  summary: "Check that the packages of an environment fit each other and are as recorded, and that its Python is whole",
  operands: [environment],
  options: {
    deep: { type: "boolean", description: "Read every file of the packages, instead of comparing sizes and times" },
  },
  examples: [["skerry check web", "Exit with 1 when something is wrong"]],
  async run(invocation) {
    const { output, library, environment: name, signal } = invocation;
    const { describeDrift } = await import("../../index.ts");
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
  },
} satisfies Verb;
