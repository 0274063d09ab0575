import { tellHelp } from "../help.ts";
import type { Verb } from "../verb.ts";
import { verbOf } from "../verbs.ts";

/** `skerry help [COMMAND]` */
export default {
  summary: "Show help for a command",
  operands: [{ name: "COMMAND", description: "A command of skerry", optional: true }],
  options: {},
  examples: [["skerry help run", "The same as skerry run --help"]],
  async run({ operands: [word], output }) {
    await tellHelp(output, word === undefined ? undefined : await verbOf(word));
    return 0;
  },
} satisfies Verb;
