import { SkerryError } from "../../core/error.ts";
import { nearest } from "../../core/near.ts";
import { commandWords, findCommand } from "../commands.ts";
import { quote } from "../grammar.ts";
import { tellHelp } from "../help.ts";
import type { Invocation } from "../invocation.ts";

/** `skerry help [COMMAND]` */
export default function help({ operands: [word], output }: Invocation): number {
  const spec = word === undefined ? undefined : findCommand(word);
  if (word === undefined || spec) {
    tellHelp(output, spec);
    return 0;
  }
  const near = nearest(word, commandWords());
  throw new SkerryError("SKE-USAGE", `skerry has no command ${quote(word)}`, {
    hint: near ? `did you mean skerry ${near}?` : "skerry help lists the commands",
  });
}
