import { printable } from "../../core/printable.ts";
import { completeWords } from "../completion/complete.ts";
import { environmentWords } from "../completion/environments.ts";
import { taskNames } from "../completion/tasks.ts";
import type { Invocation } from "../invocation.ts";

/**
 * `skerry __complete -- WORD…`: the words after `skerry` up to the one being typed, which may be empty. First comes what
 * else fits (`:none`, `:files`, `:folders`, `:command N` where a program begins at word N), then one word a line, with
 * its description behind a tab. Never fails: a shell has no use for an error.
 */
export default async function complete({ output, command, library, env }: Invocation): Promise<number> {
  try {
    const answer = await completeWords(
      command,
      (home) => environmentWords(home ?? library.home, library.cwd, env),
      () => taskNames(library.cwd, env),
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
