import type { NamedSpec, VerbSpec } from "./grammar/spec.ts";
import type { Invocation } from "./invocation/invocation.ts";

/**
 * What a file of verbs/ says of its verb: all but the names, under which verbs.ts lists it. Parsing, help, completion and
 * the reference page are all made from this. The file imports only cli and core, for help loads it too; `run` imports the
 * rest when it needs it:
 *
 *     // src/cli/verbs/where.ts, for which verbs.ts has a line, as for the others
 *     export default {
 *       summary: "Print the folder of an environment",
 *       operands: [environment],
 *       options: {},
 *       examples: [["skerry where web", "Print where it is"]],
 *       async run({ library, output, environment: name }) {
 *         const { record } = await (await library.open()).open(name);
 *         output.result({ place: record.place }, () => output.print(record.place));
 *         return 0;
 *       },
 *     } satisfies Verb;
 */
export interface Verb extends VerbSpec {
  /** Does it, once the command line is understood. @returns the exit status */
  readonly run: (invocation: Invocation) => Promise<number> | number;
}

/** A verb with its names. */
export type NamedVerb = Verb & NamedSpec;
