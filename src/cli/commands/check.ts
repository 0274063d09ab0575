import type { Invocation } from "../invocation.ts";

/** `skerry check ENVIRONMENT`. Exits with 1 when something is wrong. */
export default async function check({ output, library, environment: name }: Invocation): Promise<number> {
  const environment = await (await library.open()).open(name);
  const { problems: files } = await environment.inspect();
  const problems = await environment.packages.check();
  const healthy = files.length + problems.length === 0;
  output.result({ environment: { id: environment.id, name: environment.name }, healthy, files, problems }, () => {
    for (const problem of files) output.print(problem);
    for (const { package: name, requirement, installed } of problems) {
      output.print(
        `${name} requires ${requirement}; ${installed ? `${installed} is installed` : "it isn't installed"}`,
      );
    }
    if (healthy) output.say(`nothing is wrong with ${environment.name}`);
  });
  return healthy ? 0 : 1;
}
