import { VERSION } from "../../core/version.ts";
import type { Verb } from "../verb.ts";

/** `skerry version` and `skerry --version` */
export default {
  summary: "Print the version",
  operands: [],
  options: {},
  examples: [["skerry --version", "The same"]],
  run({ output }) {
    output.result({ version: VERSION }, () => output.print(`skerry ${VERSION}`));
    return 0;
  },
} satisfies Verb;
