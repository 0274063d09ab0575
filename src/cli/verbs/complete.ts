import { printable } from "../../core/printable.ts";
import type { Invocation } from "../invocation/invocation.ts";
import type { Verb } from "../verb.ts";

/**
 * `skerry __complete -- WORD…`: the words after `skerry` up to the one being typed, which may be empty. First comes what
 * else fits (`:none`, `:files`, `:folders`, `:command N` where a program begins at word N), then one word a line, with
 * its description behind a tab. Never fails: a shell has no use for an error.
 */
export default {
  summary: "Print the words that can stand at the end of a command line; for the completion code of shells",
  operands: [],
  passthrough: true,
  options: {},
  examples: [],
  run,
} satisfies Verb;

async function run({ output, command, library, env }: Invocation): Promise<number> {
  try {
    const { completeWords } = await import("../completion/complete.ts");
    const answer = await completeWords(
      command,
      async (home) => {
        const { environmentWords } = await import("../completion/environments.ts");
        return environmentWords(home ?? library.home, library.cwd, env);
      },
      async () => {
        const { taskNames } = await import("../completion/tasks.ts");
        return taskNames(library.cwd, env);
      },
    );
    // Escaped, a word would be another; as it is, nobody would type it.
    const typeable = answer.words.filter(({ word }) => printable(word) === word);
    const lines = typeable.map(({ word, description }) => (description ? `${word}\t${printable(description)}` : word));
    output.verbatim([`:${answer.otherwise}`, ...lines, ""].join("\n"));
  } catch (error) {
    output.detail(String(error));
    output.print(":files");
  }
  return 0;
}
