import type { Invocation } from "../invocation.ts";
import { modeOf } from "../spec-options.ts";

/** `skerry clone ENVIRONMENT [NAME]` */
export default async function clone(invocation: Invocation): Promise<number> {
  const { operands, output, library, environment: original, signal } = invocation;
  const [, name] = operands;
  const count = invocation.count("count");
  const mode = modeOf(invocation);
  const environment = await (await library.open()).open(original);
  const options = {
    ...(name === undefined ? {} : { name }),
    ...(mode === undefined ? {} : { mode }),
    // As in create.
    owner: process.ppid,
    keep: true,
    signal,
  };
  const clones =
    count === undefined ? [await environment.clone(options)] : await environment.clone({ ...options, count });
  output.result({ environments: clones.map(({ record }) => record) }, () => {
    for (const clone of clones) output.print(clone.name);
    output.say(`cloned from ${environment.name}`);
  });
  return 0;
}
