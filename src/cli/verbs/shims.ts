import { SkerryError } from "../../core/error.ts";
import { quotePosix } from "../../python/activation/posix.ts";
import { installShims, listShims, removeShims } from "../../worktrees/shims.ts";
import type { Invocation } from "../invocation.ts";
import { SHIM_ACTIONS } from "../table/worktrees.ts";

/** `skerry shims [ACTION] [NAME…]` */
export default async function shims({ library, operands, output, env }: Invocation): Promise<number> {
  const [word, ...names] = operands;
  const action = SHIM_ACTIONS.find((one) => one === word) ?? "list";
  if (action === "list" && names.length > 0) {
    throw new SkerryError("SKE-USAGE", "skerry shims list takes no names", { hint: "it lists all that there are" });
  }
  const { home } = await library.open();
  if (action === "install") installShims(home, names, process.execPath);
  if (action === "remove") removeShims(home, names);
  const found = listShims(home, env.PATH);
  output.result({ ...found }, () => {
    for (const name of found.names) output.print(name);
    if (found.names.length === 0) output.say("there are no shims; skerry shims install makes some");
    else if (!found.isOnPath)
      output.say(`add this to your shell's start-up file: export PATH=${quotePosix(found.folder)}:"$PATH"`);
    for (const path of found.hiddenBy) output.warn(`${path} comes first on PATH`, `put ${found.folder} before it`);
  });
  return 0;
}
