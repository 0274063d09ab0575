import { renderActivation } from "../../python/activation/render.ts";
import type { Invocation } from "../invocation.ts";
import { replaceWhenWarm, waitFor } from "../run-in.ts";
import { shellInUse } from "../shell-in-use.ts";
import { shellCommand } from "../shell-start.ts";

/** `skerry shell ENVIRONMENT` */
export default async function shell(invocation: Invocation): Promise<number> {
  const { library, environment: name, output, env } = invocation;
  const environment = await (await library.open()).open(name);
  const chosen = shellInUse(invocation.text("shell"), env);
  const run = `${environment.record.place}/run`;
  const command = shellCommand(chosen, run, env, (kind) =>
    renderActivation(kind, environment.activation(), { name: environment.name }),
  );
  output.say(`in ${environment.name}; exit leaves it`);
  await replaceWhenWarm(invocation, { name: environment.name }, command);
  return waitFor(invocation, environment, command, undefined);
}
