import { environment, modes } from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { modeOf } from "../invocation/spec-options.ts";
import type { Verb } from "../verb.ts";

/** `skerry clone ENVIRONMENT [NAME]` */
export default {
  summary: "Make environments like one that is there",
  description:
    "The same interpreter and packages, in a place of their own; nothing is resolved or downloaded. What was put there by hand comes along as copies. Thin, unless --full is given. Files in the original's work folder don't come along.",
  operands: [environment, { name: "NAME", description: "A name for the clone", optional: true }],
  options: {
    count: { type: "string", value: "NUMBER", description: "Make so many, called NAME-1, NAME-2 …: all or none" },
    ...modes,
  },
  examples: [
    ["skerry clone web trial", "Make one to try something in"],
    ["skerry clone web worker --count 20", "Make twenty"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { operands, output, library, environment: original, signal } = invocation;
  const [, name] = operands;
  const count = invocation.count("count");
  const mode = modeOf(invocation);
  const environment = await (await library.open()).open(original);
  const options = {
    name,
    mode,
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
